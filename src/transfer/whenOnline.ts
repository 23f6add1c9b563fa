/** Longest wait for the browser to say that it is online; it may be wrong about that. */
const patienceMs = 60_000
/** Dedicated workers in Chromium see `navigator.onLine` change, but are not sent the event (156). */
const lookMs = 500

/**
 * Settles when the device has a network again; at once when it has, or when the browser cannot tell.
 *
 * @throws the signal's reason when it is aborted first
 */
export function whenOnline(signal?: AbortSignal): Promise<void> {
  if (!('onLine' in navigator) || navigator.onLine) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer)
      clearInterval(look)
      globalThis.removeEventListener('online', settle)
      signal?.removeEventListener('abort', settle)
      if (signal?.aborted) reject(signal.reason)
      else resolve()
    }
    const timer = setTimeout(settle, patienceMs)
    const look = setInterval(() => navigator.onLine && settle(), lookMs)
    globalThis.addEventListener('online', settle)
    signal?.addEventListener('abort', settle)
  })
}
