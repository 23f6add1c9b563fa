/**
 * Waits for work that may not notice an abort by itself.
 *
 * @throws the signal's reason as soon as it is aborted; the work's outcome is then dropped
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    const release = (): void => signal.removeEventListener('abort', stop)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(release).catch(stop)
  })
}
