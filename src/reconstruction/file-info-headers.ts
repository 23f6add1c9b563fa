import * as v from 'valibot'
import { FerryError } from '../core/index.ts'
import { readJson } from '../net/index.ts'
import { protocolError } from './cas-schema.ts'
import type { FileInfo } from '../protocol/index.ts'

/** The SHA-256 in an `X-Linked-ETag`; an `ETag` that looks the same may be another hash. */
export function linkedSha256(linkedEtag: string | undefined): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(linkedEtag ?? '')?.[1]
}

type Known = Pick<FileInfo, 'url' | 'size' | 'content' | 'fetchedAt'>
type Perhaps = { readonly [K in keyof FileInfo]?: FileInfo[K] | undefined }

/** A file information without the fields nobody told: a record must not hold `undefined`. */
export function makeFileInfo(fields: Known & Perhaps): FileInfo {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(told) as unknown as FileInfo
}

/**
 * Reads a `Link` header (RFC 8288) the way servers really write it: relative addresses, unquoted or
 * several relation names, any order of parameters. Parts that are no link are passed over.
 *
 * @param base what relative addresses are relative to
 * @returns the first address of each relation, absolute; relation names in lower case
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

/** Bytes of the answer's body that are read at most. */
const limit = 65_536

const address = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'expected an http(s) URL',
  ),
)

/** Named as on the wire, so that an error names the header. */
const schema = v.object({
  'X-Linked-Size': v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  'X-Xet-Hash': v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  'X-Linked-ETag': v.optional(v.string()),
  'Link rel="xet-auth"': address,
  'Link rel="xet-reconstruction-info"': v.optional(address),
})

/**
 * Reads a Xet file information. All of it is in the headers; a page of another origin may not be allowed
 * to read each of them, and what is missing is then taken from the body.
 *
 * @param url what the page calls it, without fragment
 * @param fetchedAt local epoch milliseconds
 * @throws FerryError `protocol`, naming the header
 */
export async function xetFileInfo(
  response: Response,
  url: string,
  fetchedAt: number,
): Promise<FileInfo> {
  const { headers } = response
  const links = parseLink(headers.get('link') ?? '', response.url || url)
  const size = headers.get('x-linked-size')
  const hash = headers.get('x-xet-hash')
  const complete = size !== null && hash !== null && links.has('xet-auth')
  const body = await (complete ? response.body?.cancel() : readBody(response))
  const parsed = v.safeParse(
    schema,
    {
      'X-Linked-Size': size === null ? body?.['size'] : numberIn(size),
      'X-Xet-Hash': hash ?? body?.['hash'],
      'X-Linked-ETag': headers.get('x-linked-etag') ?? body?.['etag'],
      'Link rel="xet-auth"': links.get('xet-auth') ?? body?.['refreshUrl'],
      'Link rel="xet-reconstruction-info"':
        links.get('xet-reconstruction-info') ?? body?.['reconstructionUrl'],
    },
    { abortEarly: true },
  )
  if (!parsed.success) throw protocolError('The file information', parsed.issues[0], url)
  const fields = parsed.output
  const linked = fields['X-Linked-ETag']
  return makeFileInfo({
    url,
    size: fields['X-Linked-Size'],
    content: `xet:${fields['X-Xet-Hash']}`,
    xetHash: fields['X-Xet-Hash'],
    sha256: linkedSha256(linked),
    etag: linked === undefined ? (headers.get('etag') ?? undefined) : quoted(linked),
    commit: headers.get('x-repo-commit') ?? undefined,
    tokenUrl: fields['Link rel="xet-auth"'],
    reconstructionUrl: fields['Link rel="xet-reconstruction-info"'],
    fetchedAt,
  })
}

/** Nothing when it is no JSON: the header that is missing is then the fault to name. */
async function readBody(response: Response): Promise<Record<string, unknown> | undefined> {
  try {
    const json = await readJson('The file information', response, limit)
    return typeof json === 'object' && json !== null ? { ...json } : undefined
  } catch (error) {
    if (error instanceof FerryError && error.code === 'protocol') return undefined
    throw error
  }
}

/** Digits only: Number would also read an empty text and "0x10". */
function numberIn(text: string): number | string {
  return /^\d{1,16}$/.test(text) ? Number(text) : text
}

function quoted(etag: string): string {
  return etag.includes('"') ? etag : `"${etag}"`
}

/** What tells one version of a file that is not on Xet from another. */
export interface Validators {
  /** Without fragment. */
  readonly url: string
  readonly size: number
  /** Hex, from `X-Linked-ETag`. */
  readonly sha256?: string | undefined
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  readonly commit?: string | undefined
}

/**
 * What the bytes of such a file are stored under. The promise is: same id, same bytes.
 *
 * Only a SHA-256, which is checked when the bytes arrive, makes the id independent of the address. An
 * ETag, strong or not, is unique among the versions of one resource only (RFC 9110, section 8.8.1): common
 * servers make it from time and length, so that equal shards of one deployment share it. Where there is none, a
 * branch's file may be another one with every commit.
 */
export async function contentId(validators: Validators): Promise<string> {
  const { url, size, sha256, etag = '', lastModified = '', commit } = validators
  const strong = etag.startsWith('"')
  const version = etag === '' ? [lastModified, commit] : [strong ? '' : lastModified]
  const parts = sha256 === undefined ? [size, etag, url, ...version] : [size, sha256]
  const text = new TextEncoder().encode(JSON.stringify(parts))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return `etag:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/**
 * Whether `Content-Length` is the length of the file. It is not when the body is compressed, and across
 * origins that cannot always be seen: `Content-Length` is readable there, `Content-Encoding` seldom. What
 * servers commonly compress is then not believed.
 */
export function isSizeCertain({ headers, type }: Pick<Response, 'headers' | 'type'>): boolean {
  if (!/^\d{1,15}$/.test(headers.get('content-length') ?? '')) return false
  const encoding = headers.get('content-encoding')
  if (encoding !== null) return encoding === 'identity'
  return type !== 'cors' || !compressible.test(headers.get('content-type') ?? '')
}

const compressible = /^text\/|json|javascript|xml|wasm|^$/i

/**
 * Length of the whole file from `Content-Range` (RFC 9110, section 14.4).
 *
 * @returns bytes; null when it is missing, malformed or says `*`
 */
export function totalLength(header: string | null): number | null {
  const match = /^bytes (?:\d+-\d+|\*)\/(\d{1,16})$/i.exec(header?.trim() ?? '')
  const length = match === null ? Number.NaN : Number(match[1])
  return Number.isSafeInteger(length) ? length : null
}

/** From this size on it is worth a request to learn whether ranges are offered, bytes. */
const worthRanges = 8 * 2 ** 20

/**
 * Reads off an ordinary answer what there is to know of a file that is not on Xet.
 *
 * @param response the answer for the whole file; its body is already read or cancelled
 * @param url what the page calls it, without fragment: the server's tags tell its versions apart
 * @param fetchedAt local epoch milliseconds
 * @param probe asks the same address for its first byte, and cancels the body
 * @param read bytes of the body, where it was read
 * @throws FerryError `protocol` when X-Linked-Size is malformed, `unsupported` when the server tells no length; such
 * a file cannot be kept, the request should go on as it is
 */
export async function plainFileInfo(
  response: Response,
  url: string,
  fetchedAt: number,
  probe: () => Promise<Response>,
  read: number | null = null,
): Promise<FileInfo> {
  const { headers } = response
  const linkedSize = parseSize(headers, 'x-linked-size')
  const told = isSizeCertain(response) ? parseSize(headers, 'content-length') : null
  let size = linkedSize ?? read ?? told
  let ranges = acceptsRanges(headers)
  if (size === null || (ranges === undefined && size >= worthRanges)) {
    const first = await probe()
    size = linkedSize ?? sizeFromProbe(first) ?? size
    ranges = first.status === 206
  }
  if (size === null) {
    const message =
      'The server tells neither Content-Length nor Content-Range, so the file cannot be kept. ' +
      'Let the server expose one of them (Access-Control-Expose-Headers).'
    throw new FerryError('unsupported', message, { url })
  }
  const linkedEtag = headers.get('x-linked-etag') ?? undefined
  const sha256 = linkedSha256(linkedEtag)
  const etag = linkedEtag ?? headers.get('etag') ?? undefined
  const lastModified = headers.get('last-modified') ?? undefined
  const commit = headers.get('x-repo-commit') ?? undefined
  return makeFileInfo({
    url,
    size,
    content: await contentId({ url, size, sha256, etag, lastModified, commit }),
    sha256,
    etag,
    commit,
    contentType: headers.get('content-type') ?? undefined,
    ranges: ranges ?? false,
    fetchedAt,
  })
}

/**
 * A request for a range is never answered compressed (platforms ask for identity), so that either header
 * counts bytes of the file.
 */
function sizeFromProbe({ status, ok, headers }: Response): number | null {
  if (status === 206 || status === 416) return totalLength(headers.get('content-range'))
  return ok && headers.get('content-encoding') === null
    ? parseSize(headers, 'content-length')
    : null
}

/** undefined: not told, or not readable across origins. */
function acceptsRanges(headers: Headers): boolean | undefined {
  return headers.get('accept-ranges')?.toLowerCase().includes('bytes')
}

function parseSize(headers: Headers, name: string): number | null {
  const text = headers.get(name)
  if (text === null) return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const message = `The answer does not follow the protocol: ${name} is no number of bytes. Report it to whoever runs the server.`
  throw new FerryError('protocol', message)
}

/**
 * Whether a redirect led to another origin.
 *
 * @param asked the address asked
 */
export function isElsewhere({ redirected, url }: Response, asked: string): boolean {
  return redirected && new URL(url).origin !== new URL(asked).origin
}
