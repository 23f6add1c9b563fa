// The names of a file: the key of its URL on this device, and the id of its content. A key has no secrets and one
// spelling. Requests use the page's own URL, which is kept in memory as part of the request's credential. See decisions
// 0074, 0075 and 0080.
import { hexOf, secretName } from '../core/index.ts'
import { isResolveUrl, splitResolveUrl, wildcard } from './hub-url.ts'

/** Further parameters that contain a secret or are part of a signature. */
const otherSecrets =
  /^(?:auth|jwt|sas|code|pwd|sid|session_?id|hdn\w{2}|x-(?:amz|goog|oss)-.*|q-(?:sign|ak|key|header|url)\b.*)$/i
/** Parameters that accompany a signature and change with it: CloudFront, Google, OSS, Azure. Alone they may select content. */
const besideSignature =
  /^(?:expires?|policy|key-pair-id|\w*access(?:key)?id|token_path|s[a-z]{1,2}|sk\w{1,3}|sduoid|scid)$/i
/** Secrets that select content on some servers. */
const selecting = /(?:key|auth|code|id)$/i

/** The parts of a page's URL. */
export interface FileAddress {
  /** The URL in the page's spelling, without fragment, secrets and signatures. */
  readonly name: string
  /** The whole URL without fragment, where it differs. In memory only. */
  readonly asked?: string
}

/**
 * Removes secrets and signatures from a page's URL.
 *
 * @param files patterns of {@link FilePatterns}; in an entry with two parts, separated by a space, the second one is the template of the name
 * @example addressOf('https://h/a.onnx?v=1&token=t') // { name: 'https://h/a.onnx?v=1', asked: 'https://h/a.onnx?v=1&token=t' }
 */
export function addressOf(url: string, files: readonly string[] = []): FileAddress {
  const asked = url.split('#', 1)[0] ?? ''
  for (const entry of files) {
    const [match = '', key] = entry.split(' ')
    const parts = key === undefined ? null : wildcard(match).exec(asked)
    const name = parts && key?.replaceAll(/\$(\d)/g, (_, part: string) => parts[Number(part)] ?? '')
    if (name && originOf(name) === originOf(asked))
      return name === asked ? { name } : { name, asked }
  }
  const [path = '', query] = cut(asked)
  const kept = query?.filter((each) => !isSecret(each, query)) ?? []
  return kept.length === (query?.length ?? 0)
    ? { name: asked }
    : { name: withQuery(path, kept), asked }
}

/** The parameters that {@link addressOf} removes, unchanged; empty: none. */
function secretOf(url: string): string {
  const [, query = []] = cut(url)
  return query.filter((each) => isSecret(each, query)).join('&')
}

/** Whether a page's URL has parts that {@link addressOf} removes. */
export function hasSecret(url: string): boolean {
  return secretOf(url) !== ''
}

/**
 * The secrets of a request's URL that may select content, so that responses with one entity tag may still differ; empty:
 * none. If the path names a file, only keys and codes may select content.
 *
 * @param credential as returned by {@link joinCredential}; it contains the page's URL if that has secrets
 */
export function selectorOf(credential: string | undefined): string {
  const { asked = '' } = splitCredential(credential)
  const [path = '', query = []] = cut(asked)
  const named = /\.\w+$/.test(path.slice(path.lastIndexOf('/')))
  return query
    .filter((each) => isSecret(each, query) && !(named && !selecting.test(nameOf(each))))
    .join('&')
}

/**
 * The one spelling under which files are stored. On every server hex digits are upper case and nothing is escaped
 * unnecessarily (RFC 3986, section 6.2.2). Below a hub's resolve path, where each segment is a name, `%2B` is `+`,
 * `%2F` and `//` are `/`, and `download` is dropped.
 *
 * @param name as returned by {@link addressOf}
 */
export function keyOf(name: string): string {
  if (!/[%?]|[^:]\/\/|\/resolve\/refs\//.test(name)) return name
  const [path = '', query = []] = cut(name)
  if (!isResolveUrl(name)) return normal(name)
  const hub = hubPath(path)
  return hub === undefined
    ? normal(name)
    : withQuery(hub, query.filter((each) => nameOf(each) !== 'download').map(normal))
}

/**
 * Whether two URLs name the same file on most servers. They may differ in spelling only; or the other one has no
 * query, and the path names a file, so that the query is not needed to select one.
 *
 * @example isSimilarUrl('https://h/m/a.onnx?v=1', 'https://h/m//a.onnx') // true
 */
export function isSimilarUrl(url: string, other: string): boolean {
  const query = other.split('?', 2)[1]
  const selects = query === url.split('?', 2)[1] || (query === undefined && namesFile(url))
  return selects && likeness(url) === likeness(other)
}

/** A key that all spellings of a file's URL share on most servers. */
function likeness(url: string): string {
  const [path = ''] = cut(url)
  return decode(path).replaceAll(/(?<!:)\/{2,}/g, '/')
}

/** Whether the last segment of a URL's path is a file name. */
function namesFile(url: string): boolean {
  return /\/[^/]*\.(?!(?:php|aspx?|cgi|jsp)$)[a-z]\w*$/i.test(cut(url)[0] ?? '')
}

const mark = 'modelferry-address '

/**
 * A request's own credential as one text: the value of its Authorization header, preceded by its URL if that contains
 * secrets. It is passed like the header's value, and is never stored.
 */
export function joinCredential(
  asked: string | undefined,
  authorization: string | null | undefined,
): string | undefined {
  if (asked === undefined) return authorization ?? undefined
  return `${mark}${asked} ${authorization ?? ''}`
}

/** The parts of a credential from {@link joinCredential}. */
export function splitCredential(credential: string | null | undefined): {
  readonly asked?: string
  readonly authorization?: string
} {
  if (credential == null) return {}
  if (!credential.startsWith(mark)) return { authorization: credential }
  const [asked = '', ...header] = credential.slice(mark.length).split(' ')
  const authorization = header.join(' ')
  return authorization === '' ? { asked } : { asked, authorization }
}

/** Grant of public files. */
export const publicGrant = 'public'

/**
 * Grant of a credential: a digest of it, cut to 128 bits, which does not reveal the token. Of an address only its
 * secrets count: who has them may ask for other files as well.
 *
 * @param authorization header value, or the result of `joinCredential`; undefined: no credential, the public grant
 */
export async function grantOf(authorization: string | undefined): Promise<string> {
  if (authorization === undefined) return publicGrant
  const { asked, authorization: header } = splitCredential(authorization)
  // The secrets in a URL identify the principal; its other parts identify the file.
  const who = asked === undefined ? header : `${secretOf(asked) || asked} ${header ?? ''}`
  const bytes = new TextEncoder().encode(`modelferry grant ${who}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return hexOf(digest.subarray(0, 16))
}

/**
 * A request with the parts of its credential: the page's own URL if it means the same file, and the header.
 *
 * @param url what is requested, without fragment
 * @param init its `Authorization` is a credential as {@link joinCredential} makes it
 */
export function withCredential(url: string, init: RequestInit = {}): [url: string, RequestInit] {
  const headers = new Headers(init.headers)
  const { asked, authorization } = splitCredential(headers.get('authorization'))
  if (asked === undefined) return [url, init]
  if (authorization === undefined) headers.delete('authorization')
  else headers.set('authorization', authorization)
  return [requestAddress(url, asked), { ...init, headers }]
}

/**
 * The URL of a request. It is the URL that the page itself used if that means the same file, because a signature is
 * valid for one spelling only. Otherwise it is the given URL with the page's secrets added.
 */
function requestAddress(address: string, asked: string): string {
  if (originOf(address) !== originOf(asked)) return address
  const secret = secretOf(asked)
  if (keyOf(addressOf(asked).name) === keyOf(address) || secret === '') return asked
  return `${address}${address.includes('?') ? '&' : '?'}${secret}`
}

function cut(url: string): [path?: string, query?: string[]] {
  const at = url.indexOf('?')
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1).split('&')]
}

function withQuery(path: string, query: readonly string[]): string {
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}

function nameOf(parameter: string): string {
  return decode(parameter.split('=', 1)[0] ?? '').toLowerCase()
}

function isSecret(parameter: string, query: readonly string[]): boolean {
  const name = nameOf(parameter)
  return (
    parameter.includes('=') &&
    (isSecretName(name) ||
      (besideSignature.test(name) && query.some((each) => isSecretName(nameOf(each)))))
  )
}

function isSecretName(name: string): boolean {
  return secretName.test(name) || otherSecrets.test(name)
}

function normal(url: string): string {
  return url.replaceAll(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[\w.~-]/.test(character) ? character : escaped.toUpperCase()
  })
}

/** The path of a hub's file; undefined: a segment is not a name. */
function hubPath(path: string): string | undefined {
  const { root = '', revision = '', file = '' } = splitResolveUrl(path) ?? {}
  const names = decode(file).split('/').filter(Boolean)
  if (names.length === 0 || names.some((each) => /^\.\.?$|%/.test(each))) return undefined
  const escaped = encodeURI(names.join('/')).replaceAll(/%5B|%5D|[?#]/g, (each) =>
    each.startsWith('%') ? decode(each) : encodeURIComponent(each),
  )
  return `${normal(root)}${encodeURIComponent(decode(revision))}/${escaped}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined
}

/** Values that distinguish the bytes of a file. */
export interface Validators {
  /** The resource. */
  readonly url: string
  readonly size: number
  /** Hex, from `X-Xet-Hash`. */
  readonly xetHash?: string | undefined
  /** Hex, from `X-Linked-ETag`. */
  readonly sha256?: string | undefined
  /** SHA-256 of the body, hex, if the response included it. */
  readonly bodySha256?: string | undefined
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  readonly commit?: string | undefined
}

/**
 * Content id of a file. It guarantees: same id, same bytes.
 *
 * For a file on Xet it contains every hash that the hub announces, because either may be the one that proves the
 * bytes. That is the Xet hash, or the SHA-256 when they come from the file's own URL. Then the other one is unproven,
 * and must not lead another file to them.
 *
 * Without Xet, only a SHA-256, which is compared when the bytes arrive, makes the id independent of the URL. An ETag,
 * strong or weak, is unique only among the versions of one resource (RFC 9110, section 8.8.1): common servers derive it
 * from time and length, so equal shards of one deployment share it. Without any validator, a branch's file may change
 * with every commit.
 *
 * @example await contentId({ url, size, xetHash, sha256 }) // 'xet:<64 hex>+sha256:<64 hex>'
 */
export async function contentId(validators: Validators): Promise<string> {
  const { url, size, xetHash, sha256, bodySha256, etag = '', lastModified = '' } = validators
  if (xetHash !== undefined) return `xet:${xetHash}${sha256 ? `+sha256:${sha256}` : ''}`
  if (sha256 === undefined && bodySha256 !== undefined) return `sha256:${bodySha256}`
  const strong = etag.startsWith('"')
  const version = etag === '' ? [lastModified, validators.commit] : [strong ? '' : lastModified]
  const parts = sha256 === undefined ? [size, etag, url, ...version] : [size, sha256]
  const text = new TextEncoder().encode(JSON.stringify(parts))
  return `etag:${hexOf(await crypto.subtle.digest('SHA-256', text))}`
}

/**
 * The hashes that a content id contains; bytes are stored under it only if one of them matches. Empty for files that no
 * hash identifies, and where the id contains only a digest of the SHA-256. An id of release 0.1.0 has no SHA-256 beside
 * the Xet hash.
 */
export function hashesIn(content: string): {
  readonly xetHash?: string | undefined
  readonly sha256?: string | undefined
} {
  const [, xetHash, sha256] = form.exec(content) ?? []
  return { xetHash, sha256 }
}

const form = /^(?:xet:([0-9a-f]{64}))?\+?(?:sha256:([0-9a-f]{64}))?$/
