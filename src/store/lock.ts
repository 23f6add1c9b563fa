import { superseded } from './writer.ts'
import type { Clock } from '../core/index.ts'
import type { LockOptions } from './store.ts'

const beatMs = 1000
/** A holder that was silent this long is frozen or worse. */
const silenceMs = 5000
/** Longer than a message takes from one realm to another. */
const settleMs = 50

/** Whose lock, and where its holder is heard. */
interface LockPlace {
  readonly content: string
  readonly lockName: string
  /** Name of a BroadcastChannel; each message is the name of a lock whose holder is alive. */
  readonly channelName: string
  readonly clock: Clock
}

/** Runs work while holding a Web Lock that can be lost. See `Store.lock`. */
export async function withFileLock<T>(
  place: LockPlace,
  options: LockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  options.signal?.throwIfAborted()
  const turn = new LockRequest(place, options, work)
  try {
    if (await turn.tryNow()) return await turn.result()
    if (options.ifAvailable === true) return undefined
    await turn.wait()
    return await turn.result()
  } finally {
    turn.end()
  }
}

/** One wait for a lock and, after it, one piece of work. */
class LockRequest<T> {
  readonly #place: LockPlace
  readonly #options: LockOptions
  readonly #work: (signal: AbortSignal) => Promise<T>
  readonly #channel: BroadcastChannel
  readonly #ended = new AbortController()
  readonly #lost = new AbortController()
  #heard: number
  #working: Promise<T> | undefined

  constructor(place: LockPlace, options: LockOptions, work: (signal: AbortSignal) => Promise<T>) {
    this.#place = place
    this.#options = options
    this.#work = work
    this.#heard = place.clock.now()
    this.#channel = new BroadcastChannel(place.channelName)
    this.#channel.addEventListener('message', ({ data }) => {
      if (data !== place.lockName || this.#working !== undefined) return
      this.#heard = place.clock.now()
      options.onHeartbeat?.()
    })
  }

  tryNow(): Promise<boolean> {
    return this.#request({ ifAvailable: true })
  }

  /** Queues for the lock, and takes it when its holder falls silent. */
  async wait(): Promise<void> {
    const queue = new AbortController()
    const granted = this.#request({ signal: this.#anySignal(queue.signal) })
    granted.catch(() => undefined)
    while (this.#working === undefined) {
      const over = new AbortController()
      const silent = this.#silence(this.#anySignal(over.signal)).then(() => false)
      silent.catch(() => undefined)
      const mine = await Promise.race([granted, silent]).finally(() => over.abort())
      if (mine) return
      await this.#steal(queue, granted)
    }
  }

  /** Waits for the work also when the lock was lost: what it still does is this realm's to watch. */
  async result(): Promise<T> {
    try {
      return await (this.#working as Promise<T>)
    } finally {
      this.#lost.signal.throwIfAborted()
    }
  }

  end(): void {
    this.#ended.abort()
    this.#channel.close()
  }

  /** @returns whether the lock was given, and the work begun */
  #request(how: globalThis.LockOptions): Promise<boolean> {
    const { content, lockName } = this.#place
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(lockName, how, async (lock) => {
          if (lock === null) return resolve(false)
          const working = this.#begin()
          resolve(true)
          await working.catch(() => undefined)
        })
        .catch((error: unknown) => {
          if (this.#working !== undefined) this.#lost.abort(superseded(content))
          reject(this.#options.signal?.aborted ? this.#options.signal.reason : error)
        })
    })
  }

  #begin(): Promise<T> {
    const working = this.#work(this.#anySignal(this.#lost.signal))
    this.#working = working
    void this.#beat().catch(() => undefined)
    return working
  }

  async #beat(): Promise<void> {
    while (!this.#ended.signal.aborted && !this.#lost.signal.aborted) {
      this.#channel.postMessage(this.#place.lockName)
      await this.#place.clock.sleep(beatMs, this.#ended.signal)
    }
  }

  async #silence(signal: AbortSignal): Promise<void> {
    const { clock } = this.#place
    for (;;) {
      const left = this.#heard + silenceMs - clock.now()
      if (left <= 0) return
      await clock.sleep(left, signal)
    }
  }

  /** Only one waiter at a time may take the lock away, or the second would take it from the first. */
  async #steal(queue: AbortController, granted: Promise<boolean>): Promise<void> {
    const { clock, lockName } = this.#place
    await navigator.locks.request(`${lockName}:steal`, { ifAvailable: true }, async (guard) => {
      // Somebody may have taken it a moment ago: its first sign of life is still on its way.
      const heard = this.#heard
      await clock.sleep(settleMs, this.#options.signal)
      if (guard === null) this.#heard = clock.now()
      if (guard === null || this.#heard !== heard) return
      queue.abort()
      if (!(await granted.catch(() => false))) await this.#request({ steal: true })
    })
  }

  #anySignal(signal: AbortSignal): AbortSignal {
    return this.#options.signal === undefined
      ? signal
      : AbortSignal.any([this.#options.signal, signal])
  }
}
