import { FerryError, hexOf } from '../core/index.ts'
import { isOfHub, keyOf, selectorOf } from '../address/index.ts'
import { attempt, type CallOptions, type Net, readAtMost, retrying } from '../net/index.ts'
import {
  confirmedInfo,
  isElsewhere,
  isIdentity,
  isSizeCertain,
  notKept,
  plainFileInfo,
  xetFileInfo,
} from './file-info-headers.ts'
import { isForeign, isModelPath, isPage, isPointer, whyNotKept } from './http-answer.ts'
import type { FileInfo, Refusal } from '../data/index.ts'
import type { AskOptions } from './record-store.ts'

/**
 * The refusal for a web page in place of a model. Apps answer unknown paths with their start page. Libraries that try
 * a local path first would take it for the model and store it. A 404 makes them try the hub.
 */
export function pageInsteadOfModel(): Refusal {
  const message =
    'An HTML page came instead of a model file. Put the file there, sign in, or turn off local models.'
  return {
    status: 404,
    statusText: 'Not Found',
    headers: [
      ['content-type', 'text/plain; charset=utf-8'],
      ['x-error-code', 'EntryNotFound'],
      ['x-error-message', message],
    ],
    body: new TextEncoder().encode(message),
  }
}

/** Maximum bytes of an error's body for the page. */
const longestRefusal = 65_536

/** Records a response without a file unchanged, for the page. */
async function readRefusal(response: Response): Promise<Refusal> {
  const { status, statusText } = response
  const { bytes: body } = await readAtMost(response, longestRefusal)
  return { status, statusText, headers: [...response.headers], body }
}

/** Up to this size, reading the body of the first response is cheaper than another request, bytes. */
export const smallFileLimit: number = 2 ** 20

/** Whether a response says that its body is small enough to be read at once; compression may hide a larger one. */
export function isSmall({ headers }: Pick<Response, 'headers'>): boolean {
  const length = headers.get('content-length') ?? ''
  return /^\d{1,7}$/.test(length) && Number(length) <= smallFileLimit
}

/**
 * The file itself, when it is so small that the first response includes it. Every other body is cancelled.
 *
 * @param url the requested URL, without fragment
 * @param open whether the body of a larger file of a plain server stays open
 * @returns undefined for every other file, and when compression hid a large size
 * @throws FerryError `network` when the body is incomplete
 */
async function readSmallFile(
  response: Response,
  url: string,
  open = false,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { status, headers } = response
  const linkedSize = headers.get('x-linked-size') ?? '0'
  const linked = linkedSize !== '0' || headers.has('x-linked-etag')
  if (status !== 200 || !isSmall(response) || linked) {
    if (linked || !open) await response.body?.cancel()
    return undefined
  }
  const { bytes, cut } = await readAtMost(response, smallFileLimit)
  if (cut) return undefined
  const length = Number(headers.get('content-length'))
  if (isSizeCertain(response) && bytes.length !== length) {
    const message = `Only ${bytes.length} of ${length} bytes came. Ask again.`
    throw new FerryError('network', message, { url, retryable: true })
  }
  return bytes
}

interface FileQuestion extends Net, AskOptions {
  /** The resolve URL, or any other URL of a file. */
  readonly url: string
  /** The URL used by the page, without fragment, when it is another URL of the same file. */
  readonly name?: string
  /** Receives the response when it is a whole large file: its body may be the first request of the download. */
  readonly opened?: (info: FileInfo, response: Response, connection: AbortController) => unknown
  /** The stored info of a file with bytes on the device: the body of an unchanged file is not needed. */
  readonly known?: FileInfo | undefined
  /** Whether the server may answer that `known` is still right, instead of sending the file. */
  readonly conditional?: boolean
  /** A `Range`, instead of the whole file: a part of the version that `known` describes confirms it. */
  readonly range?: string | undefined
  /** Whether the body is wanted although the ETag is that of `known`. */
  readonly reread?: boolean | undefined
}

/** Either the file info, or the refusal of the server. */
export type FileAnswer =
  | {
      readonly info: FileInfo
      /** The whole file, when it is so small that the response included it. */
      readonly body?: Uint8Array<ArrayBuffer>
    }
  | {
      readonly refusal: Refusal
      /** Whether the requested server itself reports that the file does not exist. */
      readonly missing: boolean
    }

const fileInfoType = 'application/vnd.xet-fileinfo+json'

/**
 * Requests the info of a file from a hub or any other server, with one GET without Range. A hub answers at once when
 * the file is on Xet; any other response is the file, whose body is cancelled unless it is small. (A Range would
 * become part of the signature of the hub's redirect.)
 *
 * Transient failures are retried by the policy `retry`. Pauses that the server asks for are respected until
 * `answerBy`. A redirect whose target refuses is requested again as often as URLs are renewed. `authorization` goes to
 * `url` only; platforms drop it when they follow a redirect to another origin.
 *
 * @returns `refusal` for every unsuccessful status, unchanged
 * @throws FerryError `protocol` for malformed answers, naming the field; `unsupported` for a response that must be passed
 *   through and not stored: a web page, a pointer, a response that forbids it, an uncertain length
 * @throws FerryError `network`, `timeout`; the signal's reason
 * @example
 * const answer = await askFileInfo({ url, fetch, clock, random, retry, signal })
 * if ('refusal' in answer) return respondWith(answer.refusal)
 */
export async function askFileInfo(question: FileQuestion): Promise<FileAnswer> {
  const { clock, authorization, opened, known } = question
  const url = question.url.split('#', 1)[0] ?? ''
  const { name = url } = question
  const hub = isOfHub(url)
  let connection = new AbortController()
  // An answer is as old as its request: the server may have read the file at once (RFC 9111, section 4.2.3).
  let fetchedAt = clock.now()
  const ask = (init: RequestInit, options: CallOptions = question): Promise<Response> =>
    attempt(question, { url, init }, options)
  const identity = authorization === undefined ? {} : { authorization }
  // A token may expire between two requests: the caller then gets another one and asks again.
  let unauthorized: Refusal | undefined
  const probe = async (range: string): Promise<Response> => {
    const response = await ask({ headers: { ...identity, range } })
    if (response.status !== 401 || isElsewhere(response, url)) return response
    unauthorized = await readRefusal(response)
    return new Response(null, { status: 401 })
  }
  let tag = !hub && question.conditional ? known?.etag : undefined
  let { range } = question
  const read = async (response: Response): Promise<FileAnswer> => {
    if (response.status === 304 && tag && known)
      return { info: confirmedInfo(known, response, fetchedAt) }
    if (response.status === 206 && range && known) {
      const info = confirmedInfo(known, response, fetchedAt)
      await opened?.(info, response, connection)
      return { info }
    }
    if (!response.ok) {
      const absent = response.status === 404 || (response.status === 410 && !hub)
      const missing = absent && !isElsewhere(response, url)
      return { refusal: await readRefusal(response), missing }
    }
    const type = response.headers.get('content-type') ?? ''
    if (type.includes(fileInfoType)) return { info: await xetFileInfo(response, name, clock.now()) }
    const why = whyNoFile(response, url)
    if (why !== undefined) {
      await withoutBody(response)
      if (why === 'page' && isOwnStartPage(response, url))
        return { refusal: pageInsteadOfModel(), missing: false }
      throw notKept(url, why === 'page' ? pageWords : why)
    }
    const [etag, date] = ['etag', 'last-modified'].map((name) => response.headers.get(name) ?? '')
    const { etag: knownTag = '', lastModified = '' } = known ?? {}
    const changed = known === undefined || etag !== knownTag || date !== lastModified
    const wanted = opened !== undefined && (changed || question.reread)
    const body = await readSmallFile(response, url, wanted)
    const wrong = body && (await mismatchOf(response, url, body))
    if (wrong !== undefined) throw notKept(url, wrong)
    const key = [keyOf(name), selectorOf(authorization)].filter(Boolean).join(' ')
    const info = await plainFileInfo({ response, url: name, key, fetchedAt, probe, body }).catch(
      (error: unknown) => {
        connection.abort(error)
        if (unauthorized === undefined) throw error
      },
    )
    if (unauthorized !== undefined) {
      connection.abort()
      return { refusal: unauthorized, missing: false }
    }
    if (info === undefined) throw notKept(url, 'its length is not certain')
    if (body === undefined && !response.bodyUsed) await opened?.(info, response, connection)
    return body === undefined ? { info } : { info, body }
  }
  // Servers other than hubs may use content negotiation, and pages request anything from them.
  const accept = hub ? `${fileInfoType}, */*` : '*/*'
  const first = async (): Promise<Response> => {
    for (let again = 0; ; again += 1) {
      fetchedAt = clock.now()
      connection = new AbortController()
      const signals = [connection.signal, ...(question.signal ? [question.signal] : [])]
      const options = { ...question, signal: AbortSignal.any(signals) }
      const headers: Record<string, string> = { ...identity, accept }
      const init: RequestInit = { headers }
      if (tag) {
        headers['if-none-match'] = tag
        // After a redirect to another origin the condition would need a preflight.
        init.redirect = 'manual'
      }
      if (range) headers['range'] = range
      const response = await ask(init, options).catch((error: unknown) => {
        // A browser or a server that wants a preflight for it may still let the file through.
        const refused = range && error instanceof FerryError && error.code === 'network'
        if (!refused || options.signal.aborted) throw error
      })
      const { status = 0 } = response ?? {}
      if (!response || (range && [206, 400, 416, 501].includes(status))) {
        if (response && known && isPartOf(known, response, range)) return response
        range = undefined
        connection.abort()
        continue
      }
      // Weak comparison: nginx compresses, and marks as weak, only what it sends (RFC 9110, section 13.1.2).
      const said = response.headers.get('etag') ?? tag
      const confirmed = status === 304 && said?.replace('W/', '') === tag?.replace('W/', '')
      if (tag && status !== 200 && status < 400 && !confirmed) {
        tag = undefined
        await withoutBody(response)
        continue
      }
      if (again >= question.retry.renewals || !isStale(response, url)) return response
      await withoutBody(response)
    }
  }
  return await retrying(question, { ask: first, read }, question)
}

/** Whether a 206 has the requested part of a known version (RFC 9110, section 15.3.7.3). */
function isPartOf(
  { etag, lastModified = '', size, moved = false }: FileInfo,
  { status, headers, redirected }: Response,
  range: string | undefined,
): boolean {
  const [, start, last = size - 1] = /^bytes=(\d+)-(\d+)?$/.exec(range ?? '') ?? []
  return (
    status === 206 &&
    headers.get('content-range') === `bytes ${start}-${last}/${size}` &&
    headers.get('etag') === etag &&
    (headers.get('last-modified') ?? '') === lastModified &&
    isIdentity(headers.get('content-encoding')) &&
    redirected === moved
  )
}

/** Whether signed storage refused: the signature of a redirect may expire before it is followed. */
function isStale(response: Response, asked: string): boolean {
  return isElsewhere(response, asked) && [400, 401, 403, 404].includes(response.status)
}

async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel()
  return response
}

const pageWords =
  'a web page came in its place. Sign in to the network or the server, or put the file there'

const foreignWords = 'the hub names no commit (X-Repo-Commit)'

/** Why a successful response is not a file, or must not be stored; `page` for a web page. */
function whyNoFile(response: Response, url: string): string | undefined {
  const { status } = response
  if (status !== 200) return `the server answered ${status}`
  if (isPage(response, url)) return 'page'
  if (isOfHub(url)) return isForeign(response, url) ? foreignWords : undefined
  return whyNotKept(response)
}

/** Apps answer unknown paths with their start page; a sign-in page comes by a redirect. */
function isOwnStartPage(response: Response, url: string): boolean {
  return isModelPath(url) && response.type !== 'cors' && !response.redirected
}

/** Why the bytes of a response are not those of the file; undefined: no contradiction. */
async function mismatchOf(
  response: Response,
  url: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<string | undefined> {
  if (isPage(response, url, body)) return pageWords
  const encoding = response.headers.get('content-encoding')
  if (!isIdentity(encoding) && response.headers.get('content-length') === String(body.length))
    return `browsers do not decode its encoding (${encoding})`
  if (isPointer(url, body)) return 'it is a Git LFS pointer. Run "git lfs pull" on the server'
  // A server in between that compresses the body marks the ETag as weak.
  const [, weak, blob] = /^(W\/)?"([0-9a-f]{40})"$/.exec(response.headers.get('etag') ?? '') ?? []
  const proven = blob !== undefined && blob === (await gitBlobId(body))
  if (isForeign(response, url, proven)) return foreignWords
  if (blob !== undefined && response.headers.has('x-repo-commit') && (proven || !weak))
    return proven ? undefined : 'its bytes do not hash to what its ETag says (Git blob)'
  if (body.length === 0 && isOfHub(url)) return 'it has no byte, and nothing proves that'
  if (body.length > 0 && /\.json$/i.test(new URL(url).pathname) && !isJson(body))
    return 'it is cut, or no JSON'
  return undefined
}

/** The ETag of a hub's small file is its Git blob id. */
async function gitBlobId(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const head = new TextEncoder().encode(`blob ${body.length}\0`)
  const all = new Uint8Array(head.length + body.length)
  all.set(head)
  all.set(body, head.length)
  return hexOf(await crypto.subtle.digest('SHA-1', all))
}

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(body))
    return true
  } catch {
    return false
  }
}
