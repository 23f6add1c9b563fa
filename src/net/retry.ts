import { FerryError, orAborted } from '../core/index.ts'
import { askedWait, type CallOptions, type Waiting } from './backoff.ts'
import { httpError, isTransient } from './errors.ts'
import type { RetryPolicy, Net } from './attempt.ts'

export interface FailedTry {
  /** Tries that have failed, 1 or more. */
  readonly failures: number
  /** 0 inclusive to 1 exclusive. */
  readonly random: number
}

/**
 * How long to wait before the next try, milliseconds: exponential with full jitter, so that many clients
 * that failed together do not come back together.
 */
export function retryDelay(
  { delayMs, maxDelayMs }: Pick<RetryPolicy, 'delayMs' | 'maxDelayMs'>,
  { failures, random }: FailedTry,
): number {
  return Math.round(random * Math.min(maxDelayMs, delayMs * 2 ** (failures - 1)))
}

export interface Question<T> {
  /** One attempt; it waits itself during a pause of the server. */
  readonly ask: () => Promise<Response>
  /** Reads the response; a connection that breaks in its body counts as a failed attempt too. */
  readonly read: (response: Response) => Promise<T>
}

/**
 * Sends a small request until it is answered: transient statuses and retryable errors are retried by the policy, and
 * pauses that the server asks for are respected while the caller has time. `read` gets the last response, with any
 * status.
 *
 * @throws the last error of `ask` or `read`; the signal's reason when aborted, also in a wait
 */
export async function retrying<T>(
  { clock, random, retry, online }: Omit<Net, 'fetch' | 'backoff'>,
  { ask, read }: Question<T>,
  { signal, answerBy = Infinity, waiting }: CallOptions = {},
): Promise<T> {
  let waitBudgetMs = retry.attempts * retry.maxWaitMs
  for (let failures = 1; ; failures++) {
    const last = failures >= retry.attempts
    let failure: unknown
    const response = await ask().catch((error: unknown) => {
      if (last || !mayRetry(error)) throw error
      failure = error
    })
    if (response !== undefined) {
      if (isTransient(response.status)) {
        const wait = Math.min(askedWait(response, clock.now()) ?? 0, retry.maxWaitMs)
        waitBudgetMs -= wait
        const tooLong = waitBudgetMs < 0 || clock.now() + wait > answerBy
        if (wait > 0 ? tooLong : last) return await read(response)
        failure = await httpError('An answer', response, response.url)
        if (wait > 0) {
          failures -= 1
          continue
        }
      } else {
        try {
          return await read(response)
        } catch (error) {
          if (last || !mayRetry(error)) throw error
          failure = error
        }
      }
    }
    const delay = retryDelay(retry, { failures, random: random() })
    waiting?.(clock.now() + delay, failure)
    await clock.sleep(delay, signal)
    if (response === undefined) await online?.(signal)
  }
}

function mayRetry(error: unknown): boolean {
  return error instanceof FerryError && error.retryable
}

interface SharedCall<T> {
  readonly answer: Promise<T>
  readonly controller: AbortController
  waiters: number
  readonly listeners: Set<Waiting>
}

/**
 * Single flight: concurrent callers with the same key share one call. A waiter that aborts does not affect the
 * others; the call is aborted when the last waiter has left.
 */
export class SharedCalls<T> {
  readonly #calls = new Map<string, SharedCall<T>>()

  /**
   * @param key same key, same call
   * @param start starts the call, unless it is running; its signal is not the waiter's, and what it waits for is told
   *   to all of them
   * @param signal ends this waiter's wait
   * @throws the error of the call; the signal's reason when it is aborted
   */
  async join(
    key: string,
    start: (signal: AbortSignal, waiting: Waiting) => Promise<T>,
    signal?: AbortSignal,
    waiting?: Waiting,
  ): Promise<T> {
    signal?.throwIfAborted()
    const call = this.#calls.get(key) ?? this.#begin(key, start, waiting)
    call.waiters++
    if (waiting) call.listeners.add(waiting)
    try {
      return await orAborted(call.answer, signal)
    } finally {
      if (waiting) call.listeners.delete(waiting)
      call.waiters--
      if (call.waiters === 0) this.#end(key, call, signal?.reason)
    }
  }

  #begin(
    key: string,
    start: (signal: AbortSignal, waiting: Waiting) => Promise<T>,
    waiting?: Waiting,
  ): SharedCall<T> {
    const controller = new AbortController()
    const listeners = new Set(waiting ? [waiting] : [])
    const answer = start(controller.signal, (...wait) => {
      for (const listener of listeners) listener(...wait)
    })
    const call = { answer, controller, waiters: 0, listeners }
    this.#calls.set(key, call)
    const settled = (): void => this.#forget(key, call)
    answer.then(settled, settled)
    return call
  }

  #end(key: string, call: SharedCall<T>, reason: unknown): void {
    // A response of a call that has settled may still be read.
    if (this.#calls.get(key) !== call) return
    this.#forget(key, call)
    call.controller.abort(reason)
  }

  #forget(key: string, call: SharedCall<T>): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key)
  }
}
