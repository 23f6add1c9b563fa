// The Web Lock of a file, which decides what realm writes it; a silent holder loses it.
import { superseded } from './writer.ts'
import type { Clock } from '../core/index.ts'
import type { LockOptions } from './store.ts'

const beatMs = 1000
/** A holder without a heartbeat for this time is frozen or dead. */
const silenceMs = 5000
/** Longer than a message takes from one realm to another. */
const settleMs = 50

/** A lock, and the channel of its holder's heartbeats. */
interface LockPlace {
  readonly content: string
  readonly lockName: string
  /** Name of a BroadcastChannel; each message is the name of a lock whose holder is alive. */
  readonly channelName: string
  readonly clock: Pick<Clock, 'sleep'>
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
    if (options.ifAvailable) return undefined
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
  readonly #beats: BroadcastChannel
  readonly #ended = new AbortController()
  readonly #lost = new AbortController()
  /** How many heartbeats came. */
  #heard = 0
  #working: Promise<T> | undefined

  constructor(place: LockPlace, options: LockOptions, work: (signal: AbortSignal) => Promise<T>) {
    this.#place = place
    this.#options = options
    this.#work = work
    this.#beats = beatsOf(place.channelName)
    this.#beats.addEventListener('message', this.#hear)
  }

  tryNow(): Promise<boolean> {
    return this.#request({ ifAvailable: true })
  }

  /** Queues for the lock, and steals it from a silent holder. */
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

  /** Waits for the work also when the lock was lost, because this realm is responsible for its end. */
  async result(): Promise<T> {
    try {
      return await (this.#working as Promise<T>)
    } finally {
      this.#lost.signal.throwIfAborted()
    }
  }

  end(): void {
    this.#ended.abort()
    this.#beats.removeEventListener('message', this.#hear)
  }

  #hear = ({ data }: MessageEvent<string>): void => {
    if (data === this.#place.lockName && !this.#working) this.#heard += 1
  }

  /** @returns whether the lock was granted and the work started */
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
      const data = this.#place.lockName
      this.#beats.postMessage(data)
      // A channel does not hear itself, and another lock request of this realm may wait.
      this.#beats.dispatchEvent(new MessageEvent('message', { data }))
      await this.#place.clock.sleep(beatMs, this.#ended.signal)
    }
  }

  /** Waits in turns: a clock may be set, and after a sleep of the device no holder could be heard. */
  async #silence(signal: AbortSignal): Promise<void> {
    let heard = this.#heard
    for (let waited = 0; waited < silenceMs; waited += beatMs) {
      await this.#place.clock.sleep(beatMs, signal)
      if (this.#heard !== heard) waited = -beatMs
      heard = this.#heard
    }
  }

  /** Only one waiter at a time may steal the lock; otherwise the second would steal it from the first. */
  async #steal(queue: AbortController, granted: Promise<boolean>): Promise<void> {
    const { clock, lockName } = this.#place
    await navigator.locks.request(`${lockName}:steal`, { ifAvailable: true }, async (guard) => {
      // Another waiter may have stolen it a moment ago, and its first heartbeat may still arrive.
      const heard = this.#heard
      await clock.sleep(settleMs, this.#options.signal)
      if (guard === null) this.#heard += 1
      if (guard === null || this.#heard !== heard) return
      queue.abort()
      if (!(await granted.catch(() => false))) await this.#request({ steal: true })
    })
  }

  #anySignal(signal: AbortSignal): AbortSignal {
    const { signal: own = signal } = this.#options
    return AbortSignal.any([own, signal])
  }
}

const channels: Record<string, BroadcastChannel> = {}

/**
 * The one channel of this realm, for all lock requests. With a channel for each lock, every beat would reach every
 * lock: a message for each pair of files.
 */
function beatsOf(name: string): BroadcastChannel {
  return (channels[name] ??= new BroadcastChannel(name))
}
