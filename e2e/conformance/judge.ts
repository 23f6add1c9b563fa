import type { Place, Visit } from './behaviour.ts'
import type { Outcome } from './page-requests.ts'
import type { WayToAsk } from './requests.ts'

/** The outcome of a request without and with modelferry, and the expected bytes. */
export interface Comparison {
  readonly plain: Outcome
  readonly ours: Outcome
  /** Outcome of the previous visit without modelferry; used offline. */
  readonly before?: Outcome
  /** Whether ours of the previous visit came from the device, so that it must be there offline too. */
  readonly kept?: boolean
  /** Outcome of the first visit, if it may still be returned. */
  readonly fresh?: Outcome | undefined
  readonly method: string
  readonly range: string | undefined
  /** SHA-256 of the true bytes now, of the whole file and of the requested range. */
  readonly truths: readonly {
    readonly size: number
    readonly whole: string
    readonly part: string | undefined
  }[]
  /** Path of the requested URL. */
  readonly asked?: string
  /** Digests of the first bytes of the file, for bytes that arrived before a cancel or a failure. */
  readonly prefixes: readonly string[]
  /** Whether the plain ETag is the file's own. */
  readonly etag: boolean
  /** Allowed delay of our response, milliseconds. */
  readonly boundMs: number
  /** What the server sent; absent: not counted. */
  readonly sent?: Sent
}

/** Bytes of bodies that a server sent, and what decides how many they may be. */
interface Sent {
  readonly plain: number
  readonly ours: number
  readonly visit: Visit
  readonly place: Place
  readonly by: WayToAsk['by']
  /** How many times the file's size ours may be, without a reason below. */
  readonly mostTimesSize: number
  /** Whether the server's answers to ranges cannot be joined to a file. */
  readonly badRanges: boolean
  /** Whether it compresses bodies. */
  readonly packs: boolean
  /** Whether it cuts a body at the first visit. */
  readonly cuts: boolean
  /** Whether it says that the file never changes. */
  readonly final: boolean
}

/** A reason for which a request may cost more. "What may cost more, and why" in docs/conformance.md explains each. */
interface Allowance {
  /** Further bodies of the file. */
  readonly bodies: number
  readonly applies: (comparison: Comparison, sent: Sent) => boolean
}

const allowances: readonly Allowance[] = [
  // The page's request fails too: modelferry tries three times in all.
  { bodies: 2, applies: ({ plain }) => plain.failure !== undefined },
  // A small file is requested again after a cut, also for a HEAD, or when the page cancelled before the cut.
  {
    bodies: 1,
    applies: ({ plain }, { cuts, visit }) =>
      cuts && visit === 'first' && plain.failure === undefined,
  },
  // The page's own request follows a question without cookies.
  {
    bodies: 1,
    applies: ({ plain }, { visit, place }) =>
      visit === 'first' && place === 'same' && dependsOnUser(plain),
  },
  // The whole file is asked for before a range, and no response says how long it is.
  {
    bodies: 1,
    applies: (comparison, sent) =>
      isOfUncertainLength(comparison, sent) &&
      (comparison.method === 'HEAD' || comparison.range !== undefined),
  },
  // A file that could be kept if its length were known is asked for that.
  {
    bodies: 1,
    applies: (comparison, sent) =>
      isOfUncertainLength(comparison, sent) && hasValidator(comparison.plain),
  },
  // The page cancels a body, and requests the file again.
  {
    bodies: 1,
    applies: (comparison, sent) => sent.by === 'cancel' && !isConfirmed(comparison, sent),
  },
  // The rest after the cancel is requested by a range, which the server does not answer usefully.
  { bodies: 2, applies: (_, { by, badRanges }) => by === 'cancel' && badRanges },
]

function dependsOnUser({ headers }: Outcome): boolean {
  const control = headers['cache-control'] ?? ''
  return /no-store|private/.test(control) || /cookie/i.test(headers['vary'] ?? '')
}

function isOfUncertainLength({ plain }: Comparison, { packs, place, visit }: Sent): boolean {
  const uncertain = plain.headers['content-length'] === undefined || (packs && place === 'hidden')
  return visit === 'first' && uncertain
}

function hasValidator({ headers }: Outcome): boolean {
  return headers['etag'] !== undefined || headers['last-modified'] !== undefined
}

/** Whether the server of a stored file is asked by its ETag, which costs no body. A packed load starts again. */
function isConfirmed({ plain, ours }: Comparison, { place, packs }: Sent): boolean {
  const tagged = plain.headers['etag'] !== undefined && !plain.redirected
  return place === 'same' && tagged && !packs && ours.headers['x-modelferry'] === 'hit'
}

/** Bytes by which ours may exceed the limit: small files arrive before they can be cancelled. */
const spareBytes = 2 ** 16

/** Headers that pages use. */
const compared = [
  'content-type',
  'content-range',
  'content-length',
  'etag',
  'last-modified',
  'x-app',
] as const
/** An unspecific type may be replaced by a better one. */
const generic =
  /^(application\/octet-stream|binary\/octet-stream|text\/plain(; ?charset=utf-8)?)?$/i

/**
 * Returns what is wrong with our response. The rule: equal to the plain one, or better and proven.
 *
 * @returns undefined where nothing is wrong
 */
export function judge(comparison: Comparison): string | undefined {
  const { plain, ours, before, fresh, boundMs } = comparison
  return (
    judgeOutcome(comparison) ??
    judgeOrigin(comparison) ??
    (isGood(ours) && !(fresh && judgeHeaders(fresh, comparison) === undefined)
      ? judgeHeaders(isGood(plain) ? plain : before, comparison)
      : undefined) ??
    judgeBytes(comparison) ??
    (ours.ms > plain.ms * 2 + boundMs ? `late: ${ours.ms} ms, plain ${plain.ms} ms` : undefined)
  )
}

/** Compares the bytes that the server sent with the file's size, and with what the plain page took. */
function judgeBytes(comparison: Comparison): string | undefined {
  const { sent, truths } = comparison
  if (!sent) return undefined
  if (sent.final && sent.visit === 'second' && sent.ours > 0)
    return `asked again: ${sent.ours} bytes of a file that never changes`
  const size = Math.max(...truths.map((truth) => truth.size))
  const allowed = allowances.filter(({ applies }) => applies(comparison, sent))
  const times = allowed.reduce((sum, { bodies }) => sum + bodies, sent.mostTimesSize)
  // How much of a body has left when a cancel arrives differs between two runs of one page.
  const plain = sent.by === 'cancel' ? sent.plain * 1.1 : sent.plain
  const most = Math.max(times * size, plain) + spareBytes
  return sent.ours > most
    ? `more bytes: ${sent.ours} of a file of ${size}, plain ${sent.plain}`
    : undefined
}

function judgeOutcome(comparison: Comparison): string | undefined {
  const { plain, ours, before, prefixes, kept } = comparison
  if (ours.prefix && !prefixes.includes(ours.prefix.sha256) && !samePrefix(plain, ours))
    return `wrong bytes before the ${ours.failure === undefined ? 'cancel' : 'failure'}`
  if (kept && !isGood(ours)) return `kept, but not there offline: ${ours.failure ?? ours.status}`
  // Without network the page may have what it had before.
  const had = before && isGood(before) && before.status === ours.status
  if (plain.failure !== undefined && had && before.sha256 === ours.sha256) return undefined
  if (ours.failure === 'late') return plain.failure === 'late' ? undefined : 'never ends'
  if (ours.failure !== undefined)
    return plain.failure === undefined ? `fails: ${ours.failure}` : undefined
  const equal = ours.status === plain.status && ours.sha256 === plain.sha256
  if (equal && plain.failure === undefined) return undefined
  if (isGood(ours)) {
    if (isTrue(comparison))
      return plain.status === 206 && ours.status === 200 ? 'whole file' : undefined
    // A browser that resumes a cancelled load joins wrong bytes itself where a server reports wrong ranges.
    const passed = ours.headers['x-modelferry'] === undefined
    if (passed && isGood(plain) && !isTrue({ ...comparison, ours: plain })) return undefined
    return 'wrong bytes'
  }
  if (isBehindTheEnd(comparison)) return undefined
  // Offline a stored refusal is as good as a failure, if the server itself gave it.
  if (plain.failure !== undefined && before && !isGood(before) && before.status === ours.status)
    return undefined
  return ours.status === plain.status ? undefined : 'another status'
}

function isGood({ status, failure }: Outcome): boolean {
  return failure === undefined && status >= 200 && status < 300
}

/** Whether the bytes, or the size if there are none, are those of the file or the requested range. */
function isTrue({ ours, truths, method, range }: Comparison): boolean {
  const { status, headers, sha256 } = ours
  return truths.some(({ size, whole, part }) => {
    if (method === 'HEAD') return status === 200 && headers['content-length'] === String(size)
    if (status === 206) return range !== undefined && sha256 === part
    return status === 200 && sha256 === whole
  })
}

/** Whether a range is refused because the file ends before it. */
function isBehindTheEnd({ ours, truths, range }: Comparison): boolean {
  const place = ours.headers['content-range']
  if (ours.status !== 416 || range === undefined || ours.failure !== undefined) return false
  return truths.some(({ size, part }) => part === undefined && place === `bytes */${size}`)
}

/** Bodies of the server itself may be wrong: then ours may be, where it is passed through. */
function samePrefix(plain: Outcome, ours: Outcome): boolean {
  if (ours.failure !== undefined) return ours.headers['x-modelferry'] === undefined
  return plain.prefix !== undefined && plain.sha256 === ours.sha256
}

/** @param plain the plain response, or the last one that arrived */
function judgeHeaders(plain: Outcome | undefined, comparison: Comparison): string | undefined {
  const { ours, etag } = comparison
  if (!plain || !isGood(plain) || plain.status !== ours.status || ours.type === 'opaqueredirect')
    return undefined
  // Other bytes have other headers.
  if (plain.sha256 !== ours.sha256 || isPageForFile(plain, comparison)) return undefined
  for (const name of compared) {
    const [theirs, own] = [plain.headers[name], ours.headers[name]]
    if (theirs === undefined || theirs === own || (name === 'etag' && !etag)) continue
    if (name === 'content-type' && generic.test(theirs)) continue
    if (saysTruth(name, own, comparison)) continue
    return `${name}: ${own ?? 'none'}, plain ${theirs}`
  }
  return undefined
}

/** Whether the plain HEAD is about a web page, and ours about the file: neither has bytes that would tell. */
function isPageForFile(plain: Outcome, { ours, truths, method }: Comparison): boolean {
  const length = ours.headers['content-length']
  return (
    method === 'HEAD' &&
    /^text\/html\b/i.test(plain.headers['content-type'] ?? '') &&
    truths.some(({ size }) => String(size) === length) &&
    plain.headers['content-length'] !== length
  )
}

/**
 * Whether a length is the file's own. Servers send another one when they report a wrong length or compress the body,
 * which pages of other origins cannot see.
 */
function saysTruth(
  name: string,
  own: string | undefined,
  { ours, truths, method }: Comparison,
): boolean {
  if (name === 'content-range')
    return truths.some(({ size }) => own?.endsWith(`/${size}`) && spanOf(own) === ours.size)
  if (name !== 'content-length') return false
  const whole = method === 'HEAD' && truths.some(({ size }) => own === String(size))
  return whole || (method !== 'HEAD' && (own === undefined || own === String(ours.size)))
}

/** Number of bytes of a `Content-Range`. */
function spanOf(range: string): number {
  const [, first = '', last = ''] = /^bytes (\d+)-(\d+)\//.exec(range) ?? []
  return Number(last) + 1 - Number(first)
}

/**
 * Compares the other visible properties of a response. A stored response has the requested URL, and never an opaque
 * type: a service worker cannot set another URL or type.
 */
function judgeOrigin({ plain: now, ours, asked, before }: Comparison): string | undefined {
  const plain = now.failure === undefined ? now : before
  if (plain === undefined || plain.failure !== undefined || ours.failure !== undefined)
    return undefined
  // The signatures of two redirects differ.
  const own = ours.from?.split('?', 1)[0]
  if (own !== undefined && own !== plain.from?.split('?', 1)[0] && own !== asked)
    return `url: ${ours.from}, plain ${plain.from}`
  if (ours.redirected && !plain.redirected) return 'redirected, plain not'
  const opaque = /opaque|error/
  if (ours.type !== plain.type && opaque.test(`${plain.type} ${ours.type}`))
    return `type: ${ours.type}, plain ${plain.type}`
  return undefined
}
