import type { Clock } from '../core/Clock.ts'
import { FerryError } from '../core/FerryError.ts'
import { askedWait } from './askedWait.ts'
import type { CallOptions } from './CallOptions.ts'
import { isTransient } from './isTransient.ts'
import { orAborted } from './orAborted.ts'
import type { Pause } from './Pause.ts'

/** Places that are remembered at most; the ones asked last are kept. */
const limit = 200

/** Realms of one device come back spread over a tenth of the wait, at most over so long, milliseconds. */
const spreadMs = 1000

/** A pause that grows by less is no news to other realms, milliseconds. */
const newsMs = 500

export interface BackoffOptions {
  readonly clock: Clock
  /** 0 inclusive to 1 exclusive, as `Math.random`. */
  readonly random: () => number
  /** No server is believed to want to be left alone for longer, milliseconds. */
  readonly maxWaitMs: number
  /** Gets every pause that this realm was told of by a server, for the other realms. */
  readonly tell?: (pause: Pause) => void
  /** Pauses from before this realm began; asked for once, before the first request. */
  readonly recall?: () => Promise<readonly Pause[]>
}

interface Held extends Pause {
  /** Settles when the one request that was let through first has its headers. */
  probe?: Promise<void>
}

/**
 * One back-off for every origin, whoever asks it for whatever: while a server wants to be left alone, all
 * requests wait. Then one goes first, and what it is answered decides about the others.
 */
export class Backoff {
  readonly #options: BackoffOptions
  /** By origin; and by address for those that are redirected to an origin that asked for a pause. */
  readonly #held = new Map<string, Held>()
  #recalled: Promise<void> | 'done' | undefined

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** How long requests for an address wait from now on, milliseconds; 0: they do not. */
  left(url: string): number {
    return Math.max(0, (this.#find(url)?.until ?? 0) - this.#options.clock.now())
  }

  /** Takes a pause that another realm was told of. */
  hear(pause: Pause): void {
    this.#hold(pause.origin, pause)
  }

  /**
   * Waits until the pause is over.
   *
   * @throws the signal's reason
   */
  async rest(url: string, { signal, waiting }: CallOptions): Promise<void> {
    const recalled = this.#remember(signal)
    if (recalled) await recalled
    for (let ms = this.left(url); ms > 0; ms = this.left(url)) {
      const held = this.#find(url) as Held
      waiting?.(held.until, reasonOf(held, ms))
      await this.#options.clock.sleep(ms, signal)
    }
  }

  /**
   * Makes a request when its turn has come, and takes from its answer when the next one's is. Who cannot wait
   * so long gets what the server said to somebody before.
   *
   * @param ask makes the request; settles with the headers
   * @throws what `ask` throws; the signal's reason
   */
  async through(
    url: string,
    options: CallOptions,
    ask: () => Promise<Response>,
  ): Promise<Response> {
    const { signal, answerBy = Infinity } = options
    const { clock } = this.#options
    const recalled = this.#remember(signal)
    if (recalled) await recalled
    for (;;) {
      const held = this.#find(url)
      if (held === undefined) return await this.#noted(url, ask)
      const now = clock.now()
      if (held.until > Math.max(answerBy, now)) {
        if (held.status !== undefined) return refusal(held.status, held.until - now)
        // No server refused anything yet: to ask it is the one way to know.
        await clock.sleep(answerBy - now, signal)
        return await this.#noted(url, ask)
      }
      if (held.until > now) await this.rest(url, options)
      else if (held.probe === undefined) return await this.#first(held, url, ask)
      else await orAborted(held.probe, signal)
    }
  }

  async #first(held: Held, url: string, ask: () => Promise<Response>): Promise<Response> {
    const answer = this.#noted(url, ask)
    const over = (): void => void delete held.probe
    held.probe = answer.then(over, over)
    const response = await answer
    // An answer that asked for another pause has put one in this one's place.
    for (const [key, known] of this.#held) if (known === held) this.#held.delete(key)
    return response
  }

  async #noted(url: string, ask: () => Promise<Response>): Promise<Response> {
    const response = await ask()
    const { clock, maxWaitMs, tell } = this.#options
    const now = clock.now()
    const wait = askedWait(response, now)
    if (wait === null) return response
    const { status } = response
    const origin = originOf(response.url || url)
    const until = now + Math.min(wait, maxWaitMs)
    const pause = { origin, until, ...(isTransient(status) && { status }) }
    if (until > (this.#held.get(origin)?.until ?? 0) + newsMs) tell?.(pause)
    this.#hold(origin, pause)
    // Where an address leads is known only afterwards; this one led there.
    if (origin !== originOf(url)) this.#hold(addressOf(url), pause)
    return response
  }

  #hold(key: string, pause: Pause): void {
    const { clock, maxWaitMs, random } = this.#options
    const now = clock.now()
    const wait = Math.min(pause.until - now, maxWaitMs)
    const until = now + wait + Math.round(random() * Math.min(spreadMs, wait / 10))
    const before = this.#held.get(key)
    if (wait <= 0 || until <= (before?.until ?? 0)) return
    this.#held.delete(key)
    const status = pause.status ?? (before && before.until > now ? before.status : undefined)
    this.#held.set(key, { ...pause, until, ...(status !== undefined && { status }) })
    const [oldest] = this.#held.keys()
    if (this.#held.size > limit && oldest !== undefined) this.#held.delete(oldest)
  }

  #find(url: string): Held | undefined {
    const places = [this.#held.get(originOf(url)), this.#held.get(addressOf(url))]
    return places.reduce((one, other) => ((other?.until ?? 0) > (one?.until ?? 0) ? other : one))
  }

  /** Undefined where there is nothing to wait for: most requests then begin at once. */
  #remember(signal: AbortSignal | undefined): Promise<void> | undefined {
    const { recall } = this.#options
    if (recall === undefined || this.#recalled === 'done') return undefined
    const load = async (): Promise<void> => {
      for (const pause of await recall().catch(() => [])) this.hear(pause)
      this.#recalled = 'done'
    }
    this.#recalled ??= load()
    return orAborted(this.#recalled, signal)
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

function addressOf(url: string): string {
  return url.split('#', 1)[0] ?? ''
}

function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

function reasonOf({ origin, status }: Pause, ms: number): FerryError {
  const why = status === undefined ? 'nothing is left of its rate limit' : `status ${status}`
  return new FerryError(
    'http',
    `${origin} asks to be left alone for ${secondsOf(ms)} s (${why}). It is asked again then.`,
    { url: origin, retryable: true, ...(status !== undefined && { status }) },
  )
}

/** Another request's refusal, with what is left of the wait. */
function refusal(status: number, ms: number): Response {
  return new Response(`Asked too often. Come back in ${secondsOf(ms)} s.`, {
    status,
    headers: { 'content-type': 'text/plain', 'retry-after': String(secondsOf(ms)) },
  })
}
