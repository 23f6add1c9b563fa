import { HubRefusal } from './refusals.ts'
import { createHmac, timingSafeEqual, randomBytes } from 'node:crypto'
import type { ByteRange } from '../core/index.ts'
import type { Folder } from './storage/folder.ts'

/** The hub's secrets. */
export interface Secrets {
  /** Keys everything that is signed. */
  readonly key: Uint8Array
  /** Grows with every `expireUrls`; URLs signed in an earlier epoch are refused. */
  readonly epoch: number
  /** Starts a new epoch permanently. */
  nextEpoch(): Promise<void>
}

/** The content of a CAS token. */
export interface CasToken {
  readonly scope: 'read' | 'write'
  /** Its repository, in the form of `repoKey`. */
  readonly repo: string
  /** `public`: to anyone who may read; `token`: by the rights of an access token; `front`: by those from a front. */
  readonly by: 'public' | 'token' | 'front'
  /** Which of the repositories that have had this name; undefined: there was none yet. */
  readonly generation?: string
  /** The caller that got it, as a digest, by which its uploads are remembered. */
  readonly uploader?: string
  /** The carried text of the caller's front. */
  readonly carry?: string
  /** Unix seconds. */
  readonly exp: number
}

/**
 * HMAC-SHA256 over labelled parts.
 *
 * @param secrets the hub's
 * @param parts the signed parts; a part must not contain a newline
 * @returns base64url
 */
function sign(secrets: Secrets, parts: readonly string[]): string {
  return createHmac('sha256', secrets.key).update(parts.join('\n')).digest('base64url')
}

/**
 * Whether a signature is that of `parts`, in constant time.
 *
 * @param secrets the hub's
 * @param parts the signed parts
 * @param signature from the request
 */
function isSigned(secrets: Secrets, parts: readonly string[], signature: string): boolean {
  const wanted = Buffer.from(sign(secrets, parts))
  const given = Buffer.from(signature)
  return wanted.byteLength === given.byteLength && timingSafeEqual(wanted, given)
}

/** What the signature of a presigned URL covers. */
function urlParts(
  method: 'GET' | 'PUT',
  path: string,
  ranges: string,
  expires: string,
  key: string,
): string[] {
  return ['url', method, path, ranges, expires, key]
}

/**
 * Whether a presigned URL may be used now.
 *
 * @param secrets the hub's
 * @param url as requested
 * @param method of the request; HEAD counts as GET
 * @param now epoch milliseconds
 * @returns the signed ranges (empty: any), or the fault
 */
export function checkUrl(
  secrets: Secrets,
  url: URL,
  method: string,
  now: number,
): { readonly ranges: readonly ByteRange[] } | { readonly refused: string } {
  const query = url.searchParams
  const ranges = (query.get('X-Xet-Signed-Range') ?? '').replace(/^bytes=/, '')
  const expires = query.get('Expires') ?? ''
  const key = query.get('Key-Pair-Id') ?? ''
  const verb = method === 'PUT' ? 'PUT' : 'GET'
  const parts = urlParts(verb, url.pathname, ranges, expires, key)
  if (!isSigned(secrets, parts, query.get('Signature') ?? '')) {
    return { refused: 'The signature does not fit this URL' }
  }
  if (key !== `E${secrets.epoch}` || now >= Number(expires) * 1000) {
    return { refused: 'Request has expired' }
  }
  const signed = ranges.split(',').filter((range) => range !== '')
  return {
    ranges: signed.map((range) => {
      const [start, last] = range.split('-').map(Number) as [number, number]
      return { start, end: last + 1 }
    }),
  }
}

/**
 * Reads the hub's secrets, or creates them. URLs and tokens stay valid across a restart.
 *
 * @param folder the hub's folder
 */
export async function openSecrets(folder: Folder): Promise<Secrets> {
  const path = folder.path('secrets.json')
  const text = await folder.read(path)
  const held =
    text === undefined
      ? { key: randomBytes(32).toString('hex'), epoch: 1 }
      : (JSON.parse(text) as { key: string; epoch: number })
  const save = (): Promise<void> => folder.write(path, JSON.stringify(held), 0o600)
  if (text === undefined) await save()
  const key = Uint8Array.from(Buffer.from(held.key, 'hex'))
  return {
    key,
    get epoch() {
      return held.epoch
    },
    async nextEpoch() {
      held.epoch++
      await save()
    },
  }
}

/**
 * Reads the CAS token of a request.
 *
 * @param secrets the hub's
 * @param authorization value of `Authorization`, or null
 * @param now epoch milliseconds
 * @throws HubRefusal 401 when it is missing, invalid or expired
 */
export function openToken(secrets: Secrets, authorization: string | null, now: number): CasToken {
  const match = /^Bearer xet_([\w-]+)\.([\w-]+)$/.exec(authorization ?? '')
  const [, body = '', signature = ''] = match ?? []
  if (match === null || !isSigned(secrets, ['token', body], signature)) {
    throw new HubRefusal(401, 'A valid CAS token is needed. Ask the hub for one.')
  }
  const token = JSON.parse(Buffer.from(body, 'base64url').toString()) as CasToken
  if (now >= token.exp * 1000) {
    throw new HubRefusal(401, 'The CAS token has expired. Ask the hub for a new one.')
  }
  return token
}

/** Makes the opaque text of a CAS token. */
export function sealToken(secrets: Secrets, token: CasToken): string {
  const body = Buffer.from(JSON.stringify(token)).toString('base64url')
  return `xet_${body}.${sign(secrets, ['token', body])}`
}

/**
 * A presigned URL, in the form of object stores behind a CDN.
 *
 * @param secrets the hub's
 * @param what `method` (GET includes HEAD); `ranges`, all when empty; `expires` in
 *   epoch milliseconds, rounded up to whole seconds
 * @example signUrl(secrets, { origin, path: `/xorbs/default/${hash}`, method: 'GET', ranges, expires })
 */
export function signUrl(
  secrets: Secrets,
  what: {
    readonly origin: string
    readonly path: string
    readonly method: 'GET' | 'PUT'
    readonly ranges: readonly ByteRange[]
    readonly expires: number
  },
): string {
  const expires = String(Math.ceil(what.expires / 1000))
  const ranges = what.ranges.map(({ start, end }) => `${start}-${end - 1}`).join(',')
  const key = `E${secrets.epoch}`
  const query = new URLSearchParams()
  if (ranges !== '') query.set('X-Xet-Signed-Range', `bytes=${ranges}`)
  query.set('Expires', expires)
  query.set('Key-Pair-Id', key)
  query.set('Signature', sign(secrets, urlParts(what.method, what.path, ranges, expires, key)))
  return `${what.origin}${what.path}?${query.toString()}`
}
