import { FerryError } from '../core/FerryError.ts'
import { isTransient } from './isTransient.ts'
import type { Net } from './Net.ts'
import { parseRetryAfter } from './parseRetryAfter.ts'
import { retryDelay } from './retryDelay.ts'

export interface Question<T> {
  /** One attempt. */
  readonly ask: () => Promise<Response>
  /** Makes sense of the answer; a connection cut in its body counts as a failed attempt as well. */
  readonly read: (response: Response) => Promise<T>
}

/**
 * Asks a small question until it is answered: transient statuses and retryable errors are waited out as
 * the policy says. `read` gets the last answer, whatever its status.
 *
 * @throws what `ask` or `read` threw last; the signal's reason when aborted, also in a wait
 */
export async function retrying<T>(
  { clock, random, retry, online }: Omit<Net, 'fetch'>,
  { ask, read }: Question<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    const wait = (retryAfterMs: number | null = null): number | null =>
      failures < retry.attempts
        ? retryDelay(retry, { failures, random: random(), retryAfterMs })
        : null
    let delay: number | null = null
    const response = await ask().catch((error: unknown) => {
      delay = mayRetry(error) ? wait() : null
      if (delay === null) throw error
    })
    if (response !== undefined) {
      if (isTransient(response.status)) {
        delay = wait(parseRetryAfter(response.headers.get('retry-after'), clock.now()))
        if (delay === null) return await read(response)
        await response.body?.cancel()
      } else {
        try {
          return await read(response)
        } catch (error) {
          delay = mayRetry(error) ? wait() : null
          if (delay === null) throw error
        }
      }
    }
    await clock.sleep(delay ?? 0, signal)
    if (response === undefined) await online?.(signal)
  }
}

function mayRetry(error: unknown): boolean {
  return error instanceof FerryError && error.retryable
}
