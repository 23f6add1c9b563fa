import { FerryError } from '../../core/FerryError.ts'
import type { Clock } from '../../core/Clock.ts'

/**
 * Gives work a limit, by a clock that tests can set, and the signal that ends it then.
 *
 * @param ms milliseconds
 * @param work what it still does after its signal is dropped
 * @param owner ends the work early
 * @throws FerryError `timeout`; the owner's reason; what the work throws
 */
export async function inTime<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  owner?: AbortSignal,
): Promise<T> {
  owner?.throwIfAborted()
  const end = new AbortController()
  const timer = new AbortController()
  const over = (reason: unknown): void => end.abort(reason)
  const leave = (): void => over(owner?.reason)
  owner?.addEventListener('abort', leave, { once: true })
  const ended = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true })
  })
  clock.sleep(ms, timer.signal).then(
    () => over(new FerryError('timeout', `No answer within ${ms} ms.`, { retryable: true })),
    () => {},
  )
  try {
    return await Promise.race([work(end.signal), ended])
  } finally {
    timer.abort()
    owner?.removeEventListener('abort', leave)
  }
}
