import type { Clock } from '../../core/async.ts'

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** A clock that only a test advances. */
export class FakeClock implements Clock {
  readonly #sleepers = new Set<Sleeper>()
  #now: number

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = (): void => {
        this.#sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const sleeper = { until: this.#now + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  /** Sets the time, which no wait notices. */
  set(now: number): void {
    const sleepers = [...this.#sleepers]
    this.#sleepers.clear()
    for (const { until, wake } of sleepers)
      this.#sleepers.add({ until: until - this.#now + now, wake })
    this.#now = now
  }

  /** Pending waits: any that remain after a test are a leak. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  /** Advances the time, and runs the work that waited for it. */
  async advance(ms: number): Promise<void> {
    this.#now += ms
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
    await new Promise((resolve) => setTimeout(resolve))
  }
}
