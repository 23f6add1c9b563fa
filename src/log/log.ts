import { type Clock, redactSecrets, systemClock } from '../core/index.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** Hashes networks for the log: a network has the same hash for one day, and the hash cannot be reversed. */
export interface DailySalt {
  /** The UTC day that the salt is for, as `2026-11-22`. */
  readonly day: string
  /** @returns 16 hex digits that represent a network today */
  hash(network: string): string
}

/** Receives decisions, queue steps and finished requests. */
export interface Log {
  /** Writes one line. Never throws. */
  line(fields: LogFields): void
}

/** The fields of a line; the log adds the time and hashes the network. */
export interface LogFields extends Omit<LogLine, 'ts' | 'netHash' | 'service'> {
  /** Default: the service of the log. */
  readonly service?: string
  /** Network of the decision. Only its salted hash is written. */
  readonly network: string
}

/** The event of a log line. */
export type LogEvent =
  | 'auth.decision'
  | 'queue.enter'
  | 'queue.start'
  | 'queue.reject'
  | 'queue.abort'
  | 'request.end'

/** One line of the log: the same shape for decisions, queueing and finished requests. It contains no token and no address. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly ts: string
  readonly event: LogEvent
  readonly requestId: string
  readonly service: string
  readonly kind: string
  readonly reason: string
  readonly tier: string | null
  /** User id or key id. */
  readonly subject: string | null
  readonly site: string | null
  /** Salted hash of the network prefix; the salt changes daily and is never stored. */
  readonly netHash: string
  readonly tokenSource: string | null
  readonly method: string
  /** Route pattern, not a URL. */
  readonly route: string
  readonly status: number | null
  readonly waitMs: number | null
  readonly runMs: number | null
  readonly queue: {
    readonly waiting: number
    readonly running: number
    readonly cap: number
    readonly max: number
  } | null
  /** Why a service failed: the code of the first error that has one, or its name. Absent: it did not. */
  readonly error?: string
}

const saltBytes = 32
const shownBytes = 8
const dayMs = 24 * 60 * 60 * 1000

/**
 * Makes a salt that is kept in memory only and replaced every UTC day. Without a salt, the hashes of all possible
 * addresses could be computed and compared.
 *
 * @param options `random`: returns the given number of random bytes; default: the platform's
 */
export function createDailySalt({
  clock = systemClock,
  random = (length) => crypto.getRandomValues(new Uint8Array(length)),
}: { clock?: Clock; random?: (length: number) => Uint8Array } = {}): DailySalt {
  let days = Number.NaN
  let day = ''
  let salt = new Uint8Array()
  // One request has several consecutive lines, so the last hash is cached.
  let last: { network: string; hash: string } | undefined
  const turn = (): void => {
    const today = Math.floor(clock.now() / dayMs)
    if (today === days) return
    day = new Date(today * dayMs).toISOString().slice(0, 10)
    salt = new Uint8Array(random(saltBytes))
    last = undefined
    days = today
  }
  return {
    get day() {
      turn()
      return day
    },
    hash(network) {
      turn()
      if (last?.network !== network) {
        const digest = sha256.create().update(salt).update(utf8ToBytes(network)).digest()
        last = { network, hash: bytesToHex(digest.subarray(0, shownBytes)) }
      }
      return last.hash
    },
  }
}

/**
 * Prepares external text for a log line: without secrets, and limited in length.
 *
 * @param most characters; longer text is cut and ends in an ellipsis
 */
function shownText(text: string, most: number): string {
  // Cut before redaction, which takes time, and after it, because it may lengthen the text.
  const shown = redactSecrets(text.length > 4 * most ? text.slice(0, 4 * most) : text)
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown
}

/** Maximum characters: enough for host names, user ids and patterns. */
const longest = { word: 64, id: 128, route: 200, site: 253 } as const

/** Texts that neither JSON nor {@link unseen} escapes. Most texts match, and the test is fast. */
const plain = /^[-\w.~/*:,;()]*$/

/** Controls above ASCII, writing directions and line ends that JSON does not escape: they could fake lines on a screen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Formats a line, without its line end: JSON with these fields in this order. Other members of an object are ignored.
 *
 * @param fields strings of any content and length
 * @param added values that the log adds
 */
function makeLine(fields: LogFields, added: Pick<LogLine, 'ts' | 'netHash' | 'service'>): string {
  const { event, status, waitMs, runMs, queue } = fields
  // A pattern has no query. If a URL came instead, its query may contain a token under any name.
  const route = fields.route.split(/[?#]/, 1)[0] ?? ''
  return (
    `{"ts":"${added.ts}","event":"${event}"` +
    `,"requestId":${text(fields.requestId, longest.id)}` +
    `,"service":${text(fields.service ?? added.service, longest.word)}` +
    `,"kind":${text(fields.kind, longest.word)}` +
    `,"reason":${text(fields.reason, longest.word)}` +
    `,"tier":${text(fields.tier, longest.word)}` +
    `,"subject":${text(fields.subject, longest.id)}` +
    `,"site":${text(fields.site, longest.site)}` +
    `,"netHash":"${added.netHash}"` +
    `,"tokenSource":${text(fields.tokenSource, longest.word)}` +
    `,"method":${text(fields.method, longest.word)}` +
    `,"route":${text(route, longest.route)}` +
    `,"status":${number(status)},"waitMs":${number(waitMs)},"runMs":${number(runMs)}` +
    `,"queue":${queue === null ? 'null' : queueText(queue)}` +
    `${fields.error === undefined ? '' : `,"error":${text(fields.error, longest.word)}`}}`
  )
}

function text(value: string | null, most: number): string {
  if (value === null) return 'null'
  const shown = shownText(value, most)
  return plain.test(shown) ? `"${shown}"` : JSON.stringify(shown).replaceAll(unseen, escape)
}

function escape(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

function number(value: number | null): string {
  return value !== null && Number.isFinite(value) ? String(value) : 'null'
}

function queueText({ waiting, running, cap, max }: NonNullable<LogLine['queue']>): string {
  return `{"waiting":${number(waiting)},"running":${number(running)},"cap":${number(cap)},"max":${number(max)}}`
}

/**
 * Makes a log: one line of JSON for each event, with the fields of {@link LogLine} in their order. It contains no token, no
 * address and no query.
 *
 * @param options `write`: receives a line with its line end; when it throws, the line is lost, and `onError` is
 * called the first time; `service`: default name of the service (default `modelferry`); `salt`: share it with the
 * usage counter (default: a new one)
 * @example
 * const log = createLog({ write: (text) => process.stdout.write(text) })
 */
export function createLog({
  write,
  service = 'modelferry',
  clock = systemClock,
  salt = createDailySalt({ clock }),
  onError = () => undefined,
}: {
  write: (text: string) => void
  service?: string
  clock?: Clock
  salt?: DailySalt
  onError?: (error: unknown) => void
}): Log {
  let reported = false
  return {
    line(fields) {
      try {
        const ts = new Date(clock.now()).toISOString()
        const netHash = salt.hash(fields.network)
        write(`${makeLine(fields, { ts, netHash, service })}\n`)
      } catch (error) {
        if (reported) return
        reported = true
        onError(error)
      }
    },
  }
}
