import { orAborted } from './orAborted.ts'

interface SharedCall<T> {
  readonly answer: Promise<T>
  readonly controller: AbortController
  waiters: number
}

/**
 * One call for everybody who wants the same at the same time. A waiter that gives up leaves the others
 * alone; the call is aborted when the last one has gone.
 */
export class SharedCalls<T> {
  readonly #calls = new Map<string, SharedCall<T>>()

  /**
   * @param key same key, same call
   * @param start begins the call, unless it is under way; its signal is not the waiter's
   * @param signal ends this waiter's wait
   * @throws what the call throws; the signal's reason when it is aborted
   */
  async join(
    key: string,
    start: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted()
    const call = this.#calls.get(key) ?? this.#begin(key, start)
    call.waiters++
    try {
      return await orAborted(call.answer, signal)
    } finally {
      call.waiters--
      if (call.waiters === 0) this.#end(key, call, signal?.reason)
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): SharedCall<T> {
    const controller = new AbortController()
    const answer = start(controller.signal)
    const call = { answer, controller, waiters: 0 }
    this.#calls.set(key, call)
    const settled = (): void => this.#forget(key, call)
    answer.then(settled, settled)
    return call
  }

  #end(key: string, call: SharedCall<T>, reason: unknown): void {
    this.#forget(key, call)
    call.controller.abort(reason)
  }

  #forget(key: string, call: SharedCall<T>): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key)
  }
}
