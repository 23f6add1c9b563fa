import type { Clock } from '../core/Clock.ts'

/** `navigator.locks`, as far as it is used. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>
}

/** A realm that holds the lock and does not finish within this is frozen or lost. */
const patienceMs = 30_000

/**
 * Does the work while no other realm does the same. A convenience, not a guard: without locks, or when
 * the holder does not finish in time, the work is done all the same, and at worst done twice.
 *
 * @throws what the work throws; the signal's reason
 */
export async function withLock<T>(
  { locks, clock }: { locks?: Locks | undefined; clock: Clock },
  name: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  if (locks === undefined) return await work()
  const waiting = new AbortController()
  const stop = (): void => waiting.abort(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const timer = new AbortController()
  clock.sleep(patienceMs, timer.signal).then(
    () => waiting.abort(),
    () => {},
  )
  let begun = false
  try {
    return await locks.request(name, { signal: waiting.signal }, () => {
      begun = true
      timer.abort()
      return work()
    })
  } catch (error) {
    if (begun || signal.aborted) throw error
    return await work()
  } finally {
    timer.abort()
    signal.removeEventListener('abort', stop)
  }
}
