import * as v from 'valibot'
import { contentId } from '../address/index.ts'
import { contentRange, FerryError, hexOf } from '../core/index.ts'
import { readAtMost, readJson } from '../net/index.ts'
import { protocolError } from './cas-schema.ts'
import { hash, wholeFrom } from './record-store.ts'
import {
  freshUntil,
  isAsFreshAsBranch,
  isPersonal,
  otherHeaders,
  whyNotKept,
} from './http-answer.ts'
import type { FileInfo } from '../data/index.ts'

/** The SHA-256 in an `X-Linked-ETag`; an `ETag` of the same form may be another hash. */
function linkedSha256(linkedEtag: string | undefined): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(linkedEtag ?? '')?.[1]
}

type Known = Pick<FileInfo, 'url' | 'size' | 'content' | 'fetchedAt'>
type Perhaps = { readonly [K in keyof FileInfo]?: FileInfo[K] | undefined }

/** File info without its undefined fields: a record must not contain `undefined`. */
function makeFileInfo(fields: Known & Perhaps): FileInfo {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as unknown as FileInfo
}

/**
 * Parses a `Link` header (RFC 8288) as servers really write it: relative URLs, unquoted or several relation names,
 * any order of parameters. Parts that are not links are skipped.
 *
 * @param base base of relative URLs
 * @returns the first URL of each relation, absolute; relation names in lower case
 * @example parseLink('</t>; rel="xet-auth"', 'https://hub.example/f').get('xet-auth') // 'https://hub.example/t'
 */
export function parseLink(header: string, base: string): Map<string, string> {
  const links = new Map<string, string>()
  for (const [, target = '', parameters = ''] of header.matchAll(link)) {
    const url = absolute(target.trim(), base)
    const rel = relation.exec(parameters)
    for (const name of (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/)) {
      if (url !== null && name !== '' && !links.has(name)) links.set(name, url)
    }
  }
  return links
}

/** `<target>` and its parameters, up to the next comma outside quotes. */
const link = /<([^<>]*)>((?:[^",<]|"[^"]*")*)/g
const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i

function absolute(target: string, base: string): string | null {
  try {
    const { protocol, href } = new URL(target, base)
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    return null
  }
}

/** Maximum bytes of the response's body. */
const longestFileInfo = 65_536

const address = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'expected an http(s) URL',
  ),
)

/** Keys are header names, so that an error names the header. */
const schema = v.object({
  // An empty file has no Xet hash, so a size of 0 is a fault of the hub.
  'X-Linked-Size': wholeFrom(1),
  'X-Xet-Hash': hash,
  'X-Linked-ETag': v.optional(v.string()),
  'Link rel="xet-auth"': address,
  'Link rel="xet-reconstruction-info"': v.optional(address),
})

/**
 * Parses the info of a Xet file. All of it is in the headers, but a page of another origin may not be allowed to read
 * each of them. Missing values are then taken from the body. A body that says something else than the headers shows
 * that one of them was replaced on the way.
 *
 * @param url the URL used by the page, without fragment
 * @param fetchedAt local epoch milliseconds
 * @throws FerryError `protocol`, naming the header; retryable if the body contradicts it
 */
export async function xetFileInfo(
  response: Response,
  url: string,
  fetchedAt: number,
): Promise<FileInfo> {
  const { headers } = response
  const body = await readBody(response)
  const links = parseLink(headers.get('link') ?? '', response.url || url)
  const linkedSize = headers.get('x-linked-size')
  const parsed = v.safeParse(
    schema,
    {
      'X-Linked-Size': linkedSize === null ? body?.['size'] : numberIn(linkedSize),
      'X-Xet-Hash': headers.get('x-xet-hash') ?? body?.['hash'],
      'X-Linked-ETag': headers.get('x-linked-etag') ?? body?.['etag'],
      'Link rel="xet-auth"': links.get('xet-auth') ?? body?.['refreshUrl'],
      'Link rel="xet-reconstruction-info"':
        links.get('xet-reconstruction-info') ?? body?.['reconstructionUrl'],
    },
    { abortEarly: true },
  )
  if (!parsed.success) throw protocolError('The file information', parsed.issues[0], url)
  const fields = parsed.output
  const size = fields['X-Linked-Size']
  const xetHash = fields['X-Xet-Hash']
  const linked = fields['X-Linked-ETag']
  const sha256 = linkedSha256(linked)
  for (const [field, one, other] of [
    ['X-Linked-Size', size, body?.['size']],
    ['X-Xet-Hash', xetHash, body?.['hash']],
    ['X-Linked-ETag', sha256, linkedSha256(String(body?.['etag']))],
  ] as const)
    if (one && other && one !== other)
      throw new FerryError(
        'protocol',
        `The file information contradicts itself: its body differs from ${field}. Ask again.`,
        { url, retryable: true },
      )
  return makeFileInfo({
    url,
    size,
    content: await contentId({ url, size, xetHash, sha256 }),
    xetHash,
    sha256,
    etag: linked === undefined ? (headers.get('etag') ?? undefined) : quoted(linked),
    commit: headers.get('x-repo-commit') ?? undefined,
    tokenUrl: fields['Link rel="xet-auth"'],
    reconstructionUrl: fields['Link rel="xet-reconstruction-info"'],
    fetchedAt,
  })
}

/** Empty when it is not JSON: the error then names the missing header. */
async function readBody(response: Response): Promise<Record<string, unknown> | undefined> {
  try {
    const json = await readJson('The file information', response, longestFileInfo)
    return typeof json === 'object' && json !== null ? { ...json } : undefined
  } catch (error) {
    if (error instanceof FerryError && error.code === 'protocol') return undefined
    throw error
  }
}

/** Digits only: Number would also accept an empty text and "0x10". */
function numberIn(text: string): number | string {
  return /^\d{1,16}$/.test(text) ? Number(text) : text
}

function quoted(etag: string): string {
  return etag.includes('"') ? etag : `"${etag}"`
}

/**
 * Whether `Content-Length` is the length of the file. It is not when the body is encoded. Across origins this is
 * invisible: `Content-Length` is readable there, but `Content-Encoding` only if the server exposes it.
 */
export function isSizeCertain({ headers, type }: Pick<Response, 'headers' | 'type'>): boolean {
  if (!/^\d{1,15}$/.test(headers.get('content-length') ?? '')) return false
  const encoding = headers.get('content-encoding')
  return encoding === null ? type !== 'cors' : isIdentity(encoding)
}

/** Whether `Content-Encoding` names no encoding. */
export function isIdentity(encoding: string | null): boolean {
  return encoding === null || /^(?:identity)?$/i.test(encoding.trim())
}

/** From this size on, a request is sent to learn whether ranges are supported, bytes. */
const worthRanges = 8 * 2 ** 20

/** Inputs for the info of a plain file. */
export interface PlainAnswer {
  /** The response for the whole file; its body is already read or cancelled. */
  readonly response: Response
  /** The URL used by the page, without fragment. */
  readonly url: string
  /** The resource whose versions the server's tags tell apart. */
  readonly key: string
  /** Local epoch milliseconds. */
  readonly fetchedAt: number
  /** Requests a range of the same URL. The caller reads or cancels the body. */
  readonly probe: (range: string) => Promise<Response>
  /** The body, if it was read. */
  readonly body?: Uint8Array<ArrayBuffer> | undefined
}

/**
 * Derives the info of a file that is not on Xet from an ordinary response.
 *
 * @throws FerryError `protocol` when X-Linked-Size is malformed; `unsupported` when the length is uncertain or there
 * is no validator: such a file cannot be stored, and the request should be passed through
 */
export async function plainFileInfo(answer: PlainAnswer): Promise<FileInfo> {
  const { response, url, key, fetchedAt, body } = answer
  const { headers } = response
  const claimed = parseSize(headers, 'content-length')
  const certain = body?.length ?? (isSizeCertain(response) ? claimed : null)
  // A length of 0 counts only when the body is empty too.
  const linked = parseSize(headers, 'x-linked-size') || null
  if (linked !== null && certain !== null && linked !== certain)
    throw notKept(url, `X-Linked-Size is ${linked}, and the body has ${certain} bytes`)
  const linkedEtag = headers.get('x-linked-etag') ?? undefined
  const sha256 = linkedSha256(linkedEtag)
  const etag = linkedEtag ?? headers.get('etag') ?? undefined
  const lastModified = headers.get('last-modified') ?? undefined
  const commit = headers.get('x-repo-commit') ?? undefined
  const until = isAsFreshAsBranch(response, url) ? undefined : freshUntil(response, url, fetchedAt)
  const bodySha256 = body && (await sha256Of(body))
  const versioned = sha256 ?? bodySha256 ?? etag ?? lastModified ?? commit
  if (versioned === undefined && (until ?? 0) <= fetchedAt)
    throw notKept(
      url,
      `nothing tells its versions apart. Let the server send ETag${response.type === 'cors' ? ' and expose it to other origins (Access-Control-Expose-Headers: ETag)' : ''}, Last-Modified or Cache-Control: max-age`,
      true,
    )
  // The question after the size of a file that cannot be kept would cost another response.
  let size = linked ?? certain
  let ranges = acceptsRanges(headers)
  if (ranges === undefined ? size === null || size >= worthRanges : ranges && size === null) {
    const probed = await probeSize(answer, linked ?? claimed)
    size ??= probed.size
    ranges = probed.ranges
  }
  if (size === null)
    throw notKept(
      url,
      'its length is not certain, as it is packed, or has none. Let the server offer ranges, and expose Content-Range (Access-Control-Expose-Headers), or send the file as it is',
      ranges !== undefined || !isIdentity(headers.get('content-encoding')),
    )
  const validators = { url: key, size, sha256, bodySha256, etag, lastModified, commit }
  const content = await contentId(validators)
  return makeFileInfo({
    url,
    size,
    content: versioned === undefined ? `${content}-${fetchedAt}` : content,
    sha256,
    etag,
    commit,
    lastModified,
    freshUntil: until,
    contentType: headers.get('content-type') ?? undefined,
    headers: isElsewhere(response, url) ? undefined : otherHeaders(response),
    moved: response.redirected || undefined,
    personal: isPersonal(response) || undefined,
    ranges: ranges ?? false,
    fetchedAt,
  })
}

/**
 * Stored info after a 304, whose headers replace the stored ones (RFC 9111, section 4.3.4).
 *
 * @param now local epoch milliseconds
 * @throws FerryError `unsupported` when the file may no longer be kept
 */
export function confirmedInfo(known: FileInfo, response: Response, now: number): FileInfo {
  const { url, personal } = known
  const headers = new Headers(known.headers as HeadersInit)
  for (const [name, value] of response.headers) headers.set(name, value)
  const why = whyNotKept({ headers })
  if (why !== undefined) throw notKept(url, why)
  return makeFileInfo({
    ...known,
    headers: otherHeaders({ headers }),
    freshUntil: freshUntil({ headers }, url, now),
    personal: personal || isPersonal({ headers }) || undefined,
  })
}

/** @param why completes "…: …" @param lasts whether it holds until the server sends other headers */
export function notKept(url: string, why: string, lasts: boolean = false): FerryError {
  const message = `The file cannot be kept on the device: ${why}.`
  const error = new FerryError('unsupported', message, { url })
  if (lasts) lasting.add(error)
  return error
}

/** Errors about files that stay with the browser until their server sends other headers. */
export const lasting: WeakSet<Error> = new WeakSet()

/**
 * Determines the length by a range that begins with the last byte of the claimed length and would go on. If the claim
 * is right, the response has exactly one byte, also when no header is readable. If the body is encoded, the response
 * has another length or fails.
 *
 * @param claimed bytes; null: unknown
 */
async function probeSize(
  { probe }: PlainAnswer,
  claimed: number | null,
): Promise<{ size: number | null; ranges: boolean | undefined }> {
  const last = claimed === null ? 0 : Math.max(0, claimed - 1)
  const range = `bytes=${last}-${claimed === null ? 0 : last + 1}`
  const response = await probe(range).catch((error: unknown) => {
    // Browsers send ranges with `Accept-Encoding: identity`, and Chromium fails if the response is packed nevertheless.
    if (!(error instanceof FerryError) || error.code !== 'network') throw error
  })
  if (!response) return { size: null, ranges: undefined }
  const { status, ok, headers } = response
  const plain = isIdentity(headers.get('content-encoding'))
  const total = [206, 416].includes(status)
    ? (contentRange(headers.get('content-range'))?.total ?? null)
    : null
  if (!plain || status !== 206 || total !== null || claimed === null) {
    await response.body?.cancel()
    const whole = ok && status !== 206 && isSizeCertain(response)
    const size = whole ? parseSize(headers, 'content-length') : total
    return { size: plain ? size : null, ranges: plain && status === 206 }
  }
  const right = (await readAtMost(response, 2).catch(() => undefined))?.bytes.length === 1
  return { size: right ? claimed : null, ranges: right }
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexOf(await crypto.subtle.digest('SHA-256', bytes))
}

/** undefined: absent, or not readable across origins. */
function acceptsRanges(headers: Headers): boolean | undefined {
  return headers.get('accept-ranges')?.toLowerCase().includes('bytes')
}

function parseSize(headers: Headers, name: string): number | null {
  const text = headers.get(name)
  if (text === null) return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const message = `The answer does not follow the protocol: ${name} is not a number of bytes. Report it to the server's operator.`
  throw new FerryError('protocol', message)
}

/**
 * Whether a redirect led to another origin.
 *
 * @param asked the requested URL
 */
export function isElsewhere({ redirected, url }: Response, asked: string): boolean {
  return redirected && new URL(url).origin !== new URL(asked).origin
}
