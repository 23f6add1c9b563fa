// Polls which keys were revoked, so that cached verdicts about them end early.
import { type Clock, FerryError, inTime, readBounded, systemClock, tell } from '../../core/index.ts'
import { checkCredentials, signRequest, type ServiceCredential } from '../service/signatures.ts'
import { checkServiceUrl } from './introspection.ts'
import type { Fetch } from '../../net/index.ts'

/** Revocations that are polled until the feed is closed. */
export interface RevocationFeed extends Revocations {
  /** Epoch milliseconds at which the last successful poll began; null before the first. */
  readonly updatedAt: number | null
  /** Polls now, or joins the poll under way. Never rejects: failures go to `onFailure`. */
  refresh(): Promise<void>
  /** Stops polling, also a poll under way. Known revocations stay. */
  close(): void
}

/** Revoked keys, with the time of their revocation. */
export interface Revocations {
  /**
   * @param keyId of the token, as its validator named it; else the first 8 hex digits of its SHA-256
   * @returns epoch milliseconds: earlier verdicts do not count; undefined: not revoked
   */
  revokedSince(keyId: string): number | undefined
}

/** The source of revocations: a URL, or a function that returns the same JSON. */
export type RevocationFeedOptions = FeedRules &
  (
    | {
        /** Answers a signed GET with `{"revokedSince": {"<key id>": <epoch milliseconds>}}`. */
        readonly url: string
        readonly credential: ServiceCredential
        readonly fetch?: Fetch
      }
    | {
        /** Returns the JSON that the URL would return. */
        readonly poll: (signal: AbortSignal) => Promise<unknown>
      }
  )

/** Options of every feed. */
interface FeedRules {
  readonly clock?: Clock
  /** Time between the starts of two polls, milliseconds. Default: 30000. */
  readonly everyMs?: number
  /** Timeout of one poll, milliseconds. Default: 5000. */
  readonly timeoutMs?: number
  /**
   * How long a revocation is remembered, milliseconds; must be more than any verdict is kept. Default: 600000.
   */
  readonly keepMs?: number
  /** Revocations remembered at once. Default: 10000. */
  readonly maxEntries?: number
  /** Called for every poll that failed or could not be read completely. */
  readonly onFailure?: (error: FerryError) => void
}

/**
 * Polls a revocation feed from now on, until it is closed. A failed poll is reported and keeps the known revocations.
 *
 * A revocation takes effect at most `everyMs` plus the duration of one poll after the service knows it.
 *
 * @param options the source, and how often it is polled
 * @throws FerryError `configuration` when the URL, the credential or a time is unusable
 * @example
 * const feed = createRevocationFeed({ url: 'https://auth.example/v1/revocations', credential })
 * const validate = createVerdictCache(introspection, { revocations: feed })
 * // at the end
 * feed.close()
 */
export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  const { clock = systemClock, everyMs = 30_000, timeoutMs = 5000, onFailure } = options
  const { keepMs = 600_000, maxEntries = 10_000 } = options
  checkNumbers('The revocation feed', 1, { everyMs, timeoutMs, keepMs, maxEntries })
  const poll = 'poll' in options ? options.poll : pollAddress(options, clock)
  const known = createRevocationMap(maxEntries, keepMs)
  const end = new AbortController()
  let updatedAt: number | null = null
  let polling: Promise<void> | null = null

  const pollOnce = async (): Promise<void> => {
    const began = clock.now()
    try {
      const json = await inTime(clock, timeoutMs, poll, end.signal)
      const read = readRevocations(json, clock.now())
      if (read === null) throw feedError('it holds no "revokedSince" object')
      known.add(read.revoked, clock.now())
      updatedAt = began
      if (read.unread > 0) tell(onFailure, feedError(`${read.unread} entries are unreadable`))
    } catch (error) {
      if (!end.signal.aborted) tell(onFailure, pollFailure(error))
    } finally {
      polling = null
    }
  }

  const refresh = (): Promise<void> => {
    if (end.signal.aborted) return Promise.resolve()
    polling ??= pollOnce()
    return polling
  }

  const keepPolling = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const began = clock.now()
      await refresh()
      const rest = Math.max(0, everyMs - (clock.now() - began))
      await clock.sleep(rest, end.signal).catch(() => undefined)
    }
  }

  // `close` ends it; it never rejects.
  void keepPolling()
  return {
    revokedSince: (keyId) => known.revokedSince(keyId),
    get updatedAt() {
      return updatedAt
    },
    refresh,
    close: () => end.abort(new FerryError('closed', 'The revocation feed was closed.')),
  }
}

/**
 * Checks the numbers among options.
 *
 * @param owner in the message: "The revocation feed"
 * @throws FerryError `configuration`, naming one that is not finite, or below `least`
 */
export function checkNumbers(
  owner: string,
  least: number,
  numbers: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isFinite(value) && value >= least) continue
    const message = `${owner}'s ${name} is ${value}. Give a number of ${least} or more.`
    throw new FerryError('configuration', message)
  }
}

/** Parsed answer of a revocation feed. */
export interface ReadRevocations {
  /** Key ids, and epoch milliseconds since which they are revoked. */
  readonly revoked: ReadonlyMap<string, number>
  /** Entries that could not be read. */
  readonly unread: number
}

/**
 * Reads `{"revokedSince": {"<key id>": <epoch milliseconds>}}`. One bad entry does not hide the others.
 *
 * @param now epoch milliseconds; a later revocation counts from now on
 * @returns null when it is not such an object
 */
function readRevocations(json: unknown, now: number): ReadRevocations | null {
  const map = isObject(json) && Object.hasOwn(json, 'revokedSince') ? json['revokedSince'] : null
  if (!isObject(map)) return null
  const revoked = new Map<string, number>()
  let unread = 0
  for (const [keyId, since] of Object.entries(map)) {
    const usable = typeof since === 'number' && since >= 0 && keyId !== '' && keyId.length <= 256
    if (usable) revoked.set(keyId, Math.min(since, now))
    else unread += 1
  }
  return { revoked, unread }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Revocations in memory. */
export interface RevocationMap extends Revocations {
  /**
   * Adds the result of a poll and removes revocations that are too old to matter. A revocation that is missing in a poll
   * stays.
   *
   * @param now epoch milliseconds
   */
  add(revoked: ReadonlyMap<string, number>, now: number): void
  readonly size: number
}

/**
 * A bounded map of revocations. When it is full, the oldest revocations are removed. From then on every verdict from
 * before them counts as revoked: it is checked again, so no revocation is missed.
 *
 * @param most entries
 * @param keepMs longer than any verdict is kept, milliseconds
 */
export function createRevocationMap(most: number, keepMs: number): RevocationMap {
  let known = new Map<string, number>()
  let dropped: number | undefined
  return {
    revokedSince: (keyId) => {
      const since = known.get(keyId)
      if (since === undefined || dropped === undefined) return since ?? dropped
      return Math.max(since, dropped)
    },
    add: (revoked, now) => {
      const all = new Map(known)
      for (const [keyId, since] of revoked) {
        all.set(keyId, Math.max(since, all.get(keyId) ?? since))
      }
      const newest = [...all]
        .filter(([, since]) => since >= now - keepMs)
        .toSorted(([, a], [, b]) => b - a)
      known = new Map(newest.slice(0, most))
      const [, since] = newest[most] ?? []
      if (since !== undefined) dropped = Math.max(since, dropped ?? since)
      if (dropped !== undefined && dropped < now - keepMs) dropped = undefined
    },
    get size() {
      return known.size
    },
  }
}

const maxBytes = 2_097_152

/** URL and credential of a feed. */
interface FeedAddress {
  readonly url: string
  readonly credential: ServiceCredential
  readonly fetch?: Fetch
}

/**
 * Polls a revocation feed by its URL, with a signed GET.
 *
 * @returns a function that returns the JSON of one poll, or throws a FerryError that says what is wrong
 * @throws FerryError `configuration`
 */
function pollAddress(
  address: FeedAddress,
  clock: Pick<Clock, 'now'>,
): (signal: AbortSignal) => Promise<unknown> {
  const { url, credential } = address
  checkServiceUrl('The revocation feed', url)
  checkCredentials([credential])
  const fetch = address.fetch ?? ((target, init) => globalThis.fetch(target, init))
  return async (signal) => {
    const signed = signRequest({ method: 'GET', url }, credential, { clock })
    const headers = { ...signed, accept: 'application/json', 'cache-control': 'no-cache' }
    const response = await fetch(url, { headers, signal, redirect: 'manual' })
    const { status } = response
    if (status !== 200) {
      response.body?.cancel().catch(() => undefined)
      const message = `The revocation feed answered status ${status} instead of 200. Check its URL and the service credential.`
      throw new FerryError(status === 401 ? 'unauthorized' : 'http', message, { status, url })
    }
    const bytes = await readBounded(response.body, maxBytes, signal)
    try {
      if (bytes !== null) return JSON.parse(new TextDecoder().decode(bytes)) as unknown
    } catch {
      // Reported below, without the parser's quotation.
    }
    const fault = bytes === null ? `is larger than ${maxBytes} bytes` : 'is not JSON'
    throw new FerryError('protocol', `The revocation feed ${fault}. Check its URL.`, { url })
  }
}

function feedError(fault: string): FerryError {
  const advice = 'The readable entries count. Check the service that provides it.'
  return new FerryError('protocol', `The revocation feed is invalid: ${fault}. ${advice}`)
}

function pollFailure(error: unknown): FerryError {
  if (error instanceof FerryError) return error
  return new FerryError(
    'network',
    'The revocation feed could not be polled. Known revocations stay. Check that the service can be reached.',
    { retryable: true, cause: error },
  )
}
