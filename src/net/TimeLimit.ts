import type { Clock } from '../core/Clock.ts'
import { FerryError } from '../core/FerryError.ts'
import { orAborted } from './orAborted.ts'

/** Puts a limit on every wait of one connection, and ends the connection when one is passed. */
export class TimeLimit {
  readonly #connection: AbortController
  readonly #clock: Clock
  readonly #url: string

  constructor(connection: AbortController, clock: Clock, url: string) {
    this.#connection = connection
    this.#clock = clock
    this.#url = url
  }

  /**
   * @param ms limit, milliseconds
   * @param failure what has not happened by then, for the error's message
   * @throws what the work throws; the connection's abort reason as soon as there is one, which is
   * FerryError `timeout` when the limit is passed
   */
  async within<T>(ms: number, failure: string, work: Promise<T>): Promise<T> {
    const timer = new AbortController()
    this.#clock.sleep(ms, timer.signal).then(
      () => this.#connection.abort(this.#passed(ms, failure)),
      () => {},
    )
    try {
      return await orAborted(work, this.#connection.signal)
    } finally {
      timer.abort()
    }
  }

  #passed(ms: number, failure: string): FerryError {
    const message = `${failure} within ${ms} ms. The network or the server is too slow: try again.`
    return new FerryError('timeout', message, { retryable: true, url: this.#url })
  }
}
