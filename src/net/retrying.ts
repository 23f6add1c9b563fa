import { FerryError } from '../core/FerryError.ts'
import { askedWait } from './askedWait.ts'
import type { CallOptions } from './CallOptions.ts'
import { isTransient } from './isTransient.ts'
import type { Net } from './Net.ts'
import { retryDelay } from './retryDelay.ts'

export interface Question<T> {
  /** One attempt; it waits by itself while the server wants to be left alone. */
  readonly ask: () => Promise<Response>
  /** Makes sense of the answer; a connection cut in its body counts as a failed attempt as well. */
  readonly read: (response: Response) => Promise<T>
}

/**
 * Asks a small question until it is answered: transient statuses and retryable errors are waited out as
 * the policy says, and waits that the server asks for as long as the caller has time. `read` gets the last
 * answer, whatever its status.
 *
 * @throws what `ask` or `read` threw last; the signal's reason when aborted, also in a wait
 */
export async function retrying<T>(
  { clock, random, retry, online }: Omit<Net, 'fetch' | 'backoff'>,
  { ask, read }: Question<T>,
  { signal, answerBy = Infinity }: CallOptions = {},
): Promise<T> {
  let patience = retry.attempts * retry.maxWaitMs
  for (let failures = 1; ; failures++) {
    const last = failures >= retry.attempts
    const response = await ask().catch((error: unknown) => {
      if (last || !mayRetry(error)) throw error
    })
    if (response !== undefined) {
      if (isTransient(response.status)) {
        const wait = Math.min(askedWait(response, clock.now()) ?? 0, retry.maxWaitMs)
        patience -= wait
        const tooLong = patience < 0 || clock.now() + wait > answerBy
        if (wait > 0 ? tooLong : last) return await read(response)
        await response.body?.cancel()
        if (wait > 0) {
          failures -= 1
          continue
        }
      } else {
        try {
          return await read(response)
        } catch (error) {
          if (last || !mayRetry(error)) throw error
        }
      }
    }
    await clock.sleep(retryDelay(retry, { failures, random: random() }), signal)
    if (response === undefined) await online?.(signal)
  }
}

function mayRetry(error: unknown): boolean {
  return error instanceof FerryError && error.retryable
}
