import { Backoff } from '../backoff.ts'
import { type Net, defaultRetry, type RetryPolicy } from '../attempt.ts'
import { FakeClock } from './FakeClock.ts'

type Answer = (request: { url: URL; headers: Headers }) => Response | Promise<Response>

/** A network of one function, which records its requests. */
export class FakeNet implements Net {
  readonly clock: FakeClock
  readonly random = (): number => 0
  readonly retry: RetryPolicy = defaultRetry
  readonly backoff: Backoff
  /** `path authorization`, in order. */
  readonly asked: string[] = []
  answer: Answer

  constructor(answer: Answer, now: number = 1_800_000_000_000) {
    this.answer = answer
    this.clock = new FakeClock(now)
    const { clock, random } = this
    this.backoff = new Backoff({ clock, random, maxWaitMs: this.retry.maxWaitMs })
  }

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const request = { url: new URL(url), headers: new Headers(init.headers) }
    const identity = request.headers.get('authorization')
    this.asked.push(request.url.pathname + (identity === null ? '' : ` ${identity}`))
    init.signal?.throwIfAborted()
    return await this.answer(request)
  }
}
