import { type Clock, FerryError, orAborted, parseRetryAfter } from '../core/index.ts'
import { isTransient } from './errors.ts'

const text = String.raw`"(?:[ !#-[\]-~]|\\["\\])*"`
const value = String.raw`${text}|-?\d{1,15}(?:\.\d{1,3})?|[A-Za-z*][!#$%&'*+.^_|~:/\w\x60-]*|:[A-Za-z0-9+/=]*:|\?[01]`
const parameter = String.raw`; *([a-z*][a-z0-9_.*-]*)(?:=(${value}))?`
const member = new RegExp(`${text}((?:${parameter})*)`, 'y')
const comma = /[ \t]*(,)[ \t]*/y

/** Longest field that is parsed, characters. */
const longestField = 4096

/**
 * Reads the reset time from a `RateLimit` field: the latest `t` among the policies without remaining quota. A
 * malformed field is ignored completely.
 *
 * @returns milliseconds; null: there is quota left, or the reset time is unknown
 * @example parseRateLimit('"queue";r=0;t=6') // 6000
 * Sources: draft-ietf-httpapi-ratelimit-headers, RateLimit field; RFC 9651, lists and parameters.
 */
export function parseRateLimit(header: string | null): number | null {
  const field = header?.trim() ?? ''
  if (field === '' || field.length > longestField) return null
  let wait: number | null = null
  for (let at = 0; ;) {
    const parameters = matchAt(member, field, at)
    if (parameters === null) return null
    const { r, t = '' } = valuesOf(parameters[1] ?? '')
    if (!isCount(r) || (t !== '' && !isCount(t))) return null
    if (Number(r) === 0 && t !== '') wait = Math.max(wait ?? 0, Number(t) * 1000)
    at += parameters[0].length
    if (at === field.length) return wait
    const next = matchAt(comma, field, at)
    if (next === null) return null
    at += next[0].length
  }
}

function matchAt(pattern: RegExp, field: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(field)
}

/** Parameters by name; the last one of equal names counts. */
function valuesOf(parameters: string): { r?: string; t?: string } {
  const pairs = parameters.matchAll(new RegExp(parameter, 'g'))
  return Object.fromEntries([...pairs].map(([, name, given = '?1']) => [name, given]))
}

function isCount(given: string | undefined): boolean {
  return given !== undefined && /^\d{1,15}$/.test(given)
}

/**
 * How long a response asks the client to wait: `Retry-After` of a transient failure, else the `RateLimit` field
 * without remaining quota, also on a success. The `RateLimit` of a cached response is ignored: it is about an earlier
 * moment.
 *
 * @param now local epoch milliseconds
 * @returns milliseconds, more than 0; null: no wait
 * Sources: RFC 9110, section 10.2.3; draft-ietf-httpapi-ratelimit-headers, section on clients.
 */
export function askedWait(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  now: number,
): number | null {
  const after = isTransient(status) ? parseRetryAfter(headers.get('retry-after'), now) : null
  const wait = after ?? (headers.has('age') ? null : parseRateLimit(headers.get('ratelimit')))
  return wait === 0 ? null : wait
}

/** Maximum number of remembered pauses; the most recently used are kept. */
const mostPauses = 200

/** The realms of a device resume at random within a tenth of the wait, at most within this time, milliseconds. */
const spreadMs = 1000

/** A smaller extension of a pause is not sent to other realms, milliseconds. */
const leastChangeMs = 500

/** Connections that browsers open to an HTTP/1.1 host: further requests wait. */
const connectionsOfHost = 6

/** A new connection takes four round trips, and its first answer one; the rest is for the server. */
const answersOfPatience = 8

export interface BackoffOptions {
  readonly clock: Clock
  /** 0 inclusive to 1 exclusive, as `Math.random`. */
  readonly random: () => number
  /** Longest accepted pause, milliseconds. */
  readonly maxWaitMs: number
  /** Sends every pause that a server requested to the other realms. */
  readonly tell?: (pause: Pause) => void
  /** Returns pauses from before this realm started; called once, at the start. */
  readonly recall?: () => Promise<readonly Pause[]>
}

interface OriginPause extends Pause {
  /** Settles when the probe request has its headers. */
  probe?: Promise<void>
}

/**
 * One back-off per origin, shared by all callers: during a server's pause all requests wait. Then one request is sent
 * as a probe, and its answer decides about the others.
 */
export class Backoff {
  readonly #options: BackoffOptions
  /** By origin; and by URL when it redirects to an origin that asked for a pause. */
  readonly #held = new Map<string, OriginPause>()
  /** Until the pauses from before are known. */
  #recalling: Promise<void> | undefined
  /** The fastest and the slowest answer of each origin, milliseconds. */
  readonly #answers = new Map<string, readonly [fastest: number, slowest: number]>()
  /** Requests of each origin whose bodies have not ended. */
  readonly #open = new Map<string, number>()

  constructor(options: BackoffOptions) {
    this.#options = options
    const { recall } = options
    if (recall) this.#recalling = this.#remember(recall)
  }

  async #remember(recall: () => Promise<readonly Pause[]>): Promise<void> {
    for (const pause of await recall().catch(() => [])) this.hear(pause)
    this.#recalling = undefined
  }

  /** Remaining pause for a URL, milliseconds; 0: none. */
  left(url: string): number {
    return Math.max(0, (this.#find(url)?.until ?? 0) - this.#options.clock.now())
  }

  /** End of the pause of a URL (local epoch milliseconds) and its reason; undefined: no pause. */
  async pause(
    url: string,
    signal?: AbortSignal,
  ): Promise<{ readonly until: number; readonly reason: FerryError } | undefined> {
    if (this.#recalling) await orAborted(this.#recalling, signal)
    const held = this.#find(url)
    const ms = this.left(url)
    return held && ms > 0 ? { until: held.until, reason: reasonOf(held, ms) } : undefined
  }

  /** Applies a pause that another realm reported. */
  hear(pause: Pause): void {
    this.#hold(pause.origin, pause)
  }

  /** Counts a request of an origin until the returned function is called. */
  opened(url: string): () => void {
    const origin = originOf(url)
    let count = (by: number): void =>
      void this.#open.set(origin, (this.#open.get(origin) ?? 0) + by)
    count(1)
    return () => {
      count(-1)
      count = () => undefined
    }
  }

  /** Connections to the URL's origin that a browser opens without a wait; may be negative. */
  free(url: string): number {
    return connectionsOfHost - (this.#open.get(originOf(url)) ?? 0)
  }

  /** @param time from a request to its headers, milliseconds */
  answered(url: string, time: number): void {
    // The clock may be set back during a request.
    const ms = Math.max(0, time)
    const [fastest, slowest] = this.#answers.get(originOf(url)) ?? [ms, ms]
    this.#answers.set(originOf(url), [Math.min(fastest, ms), Math.max(slowest, ms)])
  }

  /** The fastest answer of any host, milliseconds: a measure of the round trip. 0 before the first one. */
  get fastestMs(): number {
    const all = [...this.#answers.values()].map(([ms]) => ms)
    return all.length > 0 ? Math.min(...all) : 0
  }

  /**
   * How long a request may be without an answer before its host counts as unreachable, milliseconds. The fastest
   * answer of any host measures the round trip. For a host that has answered before, its slowest answer counts too.
   *
   * @param leastMs shortest time
   * @param mayQueue whether it may wait for a free connection to a host that has answered
   */
  patience(url: string, leastMs: number, mayQueue: boolean = false): number {
    const own = this.#answers.get(originOf(url))
    if (own && (mayQueue || this.free(url) <= 0)) return Infinity
    const seen = own?.[1] ?? this.fastestMs
    return Math.max(leastMs, answersOfPatience * seen)
  }

  /**
   * Waits until the pause is over.
   *
   * @throws the signal's reason
   */
  async rest(url: string, { signal, waiting }: CallOptions): Promise<void> {
    if (this.#recalling) await orAborted(this.#recalling, signal)
    for (let ms = this.left(url); ms > 0; ms = this.left(url)) {
      const held = this.#find(url) as OriginPause
      waiting?.(held.until, reasonOf(held, ms), true)
      await this.#options.clock.sleep(ms, signal)
    }
  }

  /**
   * Sends a request when the pause of its server is over, and applies the pause that its answer asks for. A caller
   * that cannot wait that long gets the server's earlier refusal.
   *
   * @param ask sends the request; settles with the headers
   * @throws what `ask` throws; the signal's reason
   */
  async through(
    url: string,
    options: CallOptions,
    ask: () => Promise<Response>,
  ): Promise<Response> {
    const { signal, answerBy = Infinity } = options
    const { clock } = this.#options
    if (this.#recalling) await orAborted(this.#recalling, signal)
    for (;;) {
      const held = this.#find(url)
      if (held === undefined) return await this.#recorded(url, ask)
      const now = clock.now()
      if (held.until > Math.max(answerBy, now)) {
        if (held.status !== undefined) return refusal(held.status, held.until - now)
        // No server refused anything yet, so the request is sent.
        await clock.sleep(answerBy - now, signal)
        return await this.#recorded(url, ask)
      }
      if (held.until > now) await this.rest(url, options)
      else if (held.probe === undefined) return await this.#first(held, url, ask)
      else await orAborted(held.probe, signal)
    }
  }

  async #first(held: OriginPause, url: string, ask: () => Promise<Response>): Promise<Response> {
    const answer = this.#recorded(url, ask)
    const over = (): void => void delete held.probe
    held.probe = answer.then(over, over)
    const response = await answer
    // An answer with another pause has replaced this entry.
    for (const [key, known] of this.#held) if (known === held) this.#held.delete(key)
    return response
  }

  async #recorded(url: string, ask: () => Promise<Response>): Promise<Response> {
    const response = await ask()
    const { clock, maxWaitMs, tell } = this.#options
    const now = clock.now()
    const wait = askedWait(response, now)
    if (wait === null) return response
    const { status } = response
    const origin = originOf(response.url || url)
    const until = now + Math.min(wait, maxWaitMs)
    const pause = { origin, until, ...(isTransient(status) && { status }) }
    if (until > (this.#held.get(origin)?.until ?? 0) + leastChangeMs) tell?.(pause)
    this.#hold(origin, pause)
    // The target of a redirect is known only now.
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
    if (this.#held.size > mostPauses && oldest !== undefined) this.#held.delete(oldest)
  }

  #find(url: string): OriginPause | undefined {
    const { clock, maxWaitMs } = this.#options
    // A later end was computed before the clock was set back.
    const latest = clock.now() + maxWaitMs + spreadMs
    return [originOf(url), addressOf(url)]
      .map((key) => this.#held.get(key))
      .filter((held) => held && held.until <= latest)
      .reduce((one, other) => ((other?.until ?? 0) > (one?.until ?? 0) ? other : one), undefined)
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

function addressOf(url: string): string {
  return url.split('#', 1)[0] ?? ''
}

/** A pause as whole seconds, at least one, for messages and `Retry-After`. */
export function secondsOf(ms: number): number {
  // Rounded, because a pause is spread by up to a tenth.
  return Math.max(1, Math.round(ms / 1000))
}

function reasonOf({ origin, status }: Pause, ms: number): FerryError {
  const why = status === undefined ? 'nothing is left of its rate limit' : `status ${status}`
  return new FerryError(
    'http',
    `${origin} asks for a pause of ${secondsOf(ms)} s (${why}). It is asked again then.`,
    { url: origin, retryable: true, ...(status !== undefined && { status }) },
  )
}

/** The refusal of an earlier request, with the rest of the wait. */
function refusal(status: number, ms: number): Response {
  return new Response(`Too many requests. Retry in ${secondsOf(ms)} s.`, {
    status,
    headers: { 'content-type': 'text/plain', 'retry-after': String(secondsOf(ms)) },
  })
}

/** Deadline of a call, and a listener for its waits. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * Local epoch milliseconds. A wait that a server asks for and that would last longer is not started: the server's
   * refusal is the answer then. Absent: the policy's limit.
   */
  readonly answerBy?: number | undefined
  readonly waiting?: Waiting | undefined
}

/**
 * Called when a wait begins: until when (local epoch milliseconds), why (a FerryError), and whether the server asked
 * for it.
 */
export type Waiting = (until: number, reason: unknown, asked?: boolean) => void

/** A pause that a server asked for. */
export interface Pause {
  /** As `https://host:port`. */
  readonly origin: string
  /** Local epoch milliseconds. */
  readonly until: number
  /** Status of the response; absent: a success without remaining quota. */
  readonly status?: number
}
