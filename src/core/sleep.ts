/**
 * Waits, and can be told to stop waiting.
 *
 * @param ms milliseconds; 0 and less wait for the next task
 * @param signal ends the wait early
 * @throws the signal's reason, when it is or becomes aborted
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
