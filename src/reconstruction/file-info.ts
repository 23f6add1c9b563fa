import { FerryError, isPinnedRevision, isResolveUrl } from '../core/index.ts'
import { attempt, type Net, readAtMost, retrying } from '../net/index.ts'
import {
  hexOf,
  isElsewhere,
  isSizeCertain,
  notKept,
  plainFileInfo,
  xetFileInfo,
} from './file-info-headers.ts'
import { isForeign, isModelPath, isPage, isPointer, whyNotKept } from './http-answer.ts'
import type { FileInfo, Refusal } from '../protocol/index.ts'
import type { AskOptions } from './types.ts'

/**
 * The refusal for a web page where a model should be. Apps answer unknown addresses with their start page;
 * libraries that try a local path first would take it for the model and keep it. A 404 sends them on to
 * the hub.
 */
export function pageInsteadOfModel(): Refusal {
  const message =
    'An HTML page came instead of a model file: the server answers unknown addresses with a page. ' +
    'Put the file there, or turn off local models.'
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

/** Bytes of an error's body that the page gets to see. */
const limit = 65_536

/** Keeps an answer that is no file as it is, for the page. */
export async function readRefusal(response: Response): Promise<Refusal> {
  const { status, statusText } = response
  const { bytes: body } = await readAtMost(response, limit)
  return { status, statusText, headers: [...response.headers], body }
}

/** Up to here the body that comes with the first answer is cheaper than another request, bytes. */
const smallFileLimit = 2 ** 20

/**
 * The file itself, where the answer to the first question brings it anyway, since it is small. Every other body is
 * cancelled.
 *
 * @param url the address asked, without fragment
 * @returns undefined for every other file, and where compression hid that it is large
 * @throws FerryError `network` when the body is cut
 */
export async function readSmallFile(
  response: Response,
  url: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { status, headers } = response
  const told = headers.get('content-length') ?? ''
  const linkedSize = headers.get('x-linked-size') ?? '0'
  const linked = linkedSize !== '0' || headers.has('x-linked-etag')
  const small = /^\d{1,7}$/.test(told) && Number(told) <= smallFileLimit
  if (status !== 200 || !small || linked) {
    await response.body?.cancel()
    return undefined
  }
  const { bytes, cut } = await readAtMost(response, smallFileLimit)
  if (cut) return undefined
  if (isSizeCertain(response) && bytes.length !== Number(told)) {
    const message = `Only ${bytes.length} of ${told} bytes came. Ask again.`
    throw new FerryError('network', message, { url, retryable: true })
  }
  return bytes
}

export interface FileQuestion extends Net, AskOptions {
  /** The resolve URL, or any other address of a file. */
  readonly url: string
  /** What the page calls it, without fragment, where that is another address of the same file. */
  readonly name?: string
}

/** Either what the file is, or the answer that says why there is none. */
export type FileAnswer =
  | {
      readonly info: FileInfo
      /** All of the file, where it is so small that the answer brought it along. */
      readonly body?: Uint8Array<ArrayBuffer>
    }
  | {
      readonly refusal: Refusal
      /** Whether the server that was asked says itself that there is no such file. */
      readonly missing: boolean
    }

const fileInfoType = 'application/vnd.xet-fileinfo+json'

/**
 * Asks a hub, or any server, what a file is. One GET without Range: a hub answers at once that the file is
 * on Xet, anything else is a file; its body is cancelled unless it is as small as an answer about it. (A Range here would end up in the signature of
 * the address that a hub redirects to.)
 *
 * Transient failures are retried as `retry` says, waits that the server asks for as `answerBy` allows, and a redirect whose target refuses is asked for anew as
 * often as URLs are renewed. `authorization` goes to `url` only; platforms drop it
 * when they follow a redirect to another origin.
 *
 * @returns `refusal` for every status that is no success, as it came
 * @throws FerryError `protocol` for malformed answers, naming the field; `unsupported` for what is to be passed
 *   through and not kept: another page than the file, a pointer, an answer that forbids it, an uncertain length
 * @throws FerryError `network`, `timeout`; the signal's reason
 * @example
 * const answer = await askFileInfo({ url, fetch, clock, random, retry, signal })
 * if ('refusal' in answer) return respondWith(answer.refusal)
 */
export async function askFileInfo(question: FileQuestion): Promise<FileAnswer> {
  const { clock } = question
  const url = question.url.split('#', 1)[0] ?? ''
  const { name = url } = question
  const ask = (headers: HeadersInit): Promise<Response> =>
    attempt(question, { url, init: { headers } }, question)
  const identity =
    question.authorization === undefined ? {} : { authorization: question.authorization }
  // A token may end between two requests: the caller gets another one and asks anew.
  let unauthorized: Refusal | undefined
  const probe = async (range: string): Promise<Response> => {
    const response = await ask({ ...identity, range })
    if (response.status !== 401 || isElsewhere(response, url)) return response
    unauthorized = await readRefusal(response)
    return new Response(null, { status: 401 })
  }
  const read = async (response: Response): Promise<FileAnswer> => {
    if (!response.ok) {
      const missing = response.status === 404 && !isElsewhere(response, url)
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
    const body = await readSmallFile(response, url)
    const wrong = body && (await whyNotTheFile(response, url, body))
    if (wrong !== undefined) throw notKept(url, wrong)
    const fetchedAt = clock.now()
    const info = await plainFileInfo({ response, url: name, fetchedAt, probe, body }).catch(
      (error: unknown) => {
        if (unauthorized === undefined) throw error
      },
    )
    if (unauthorized !== undefined) return { refusal: unauthorized, missing: false }
    if (info === undefined) throw notKept(url, 'its length is not certain')
    return body === undefined ? { info } : { info, body }
  }
  // Other servers than hubs may negotiate, and a page asks them for anything.
  const hub = isResolveUrl(url) || isPinnedRevision(url)
  const accept = hub ? `${fileInfoType}, */*` : '*/*'
  const first = async (): Promise<Response> => {
    for (let again = 0; ; again += 1) {
      const response = await ask({ ...identity, accept })
      if (again >= question.retry.renewals || !isStale(response, url)) return response
      await withoutBody(response)
    }
  }
  return await retrying(question, { ask: first, read }, question)
}

/** Whether signed storage refused: what a redirect was signed for may be over when it is followed. */
function isStale(response: Response, asked: string): boolean {
  return isElsewhere(response, asked) && [400, 401, 403, 404].includes(response.status)
}

async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel()
  return response
}

const pageWords =
  'a web page came in its place. Sign in to the network or the server, or put the file there'

/** Why an answer of success is no file, or none to be kept; `page` for a web page. */
function whyNoFile(response: Response, url: string): string | undefined {
  const { status } = response
  if (status !== 200) return `the server answered ${status}`
  if (isPage(response, url)) return 'page'
  if (isResolveUrl(url) || isPinnedRevision(url))
    return isForeign(response, url) ? 'the hub names no commit (X-Repo-Commit)' : undefined
  return whyNotKept(response)
}

/** Apps answer unknown addresses of their own with their start page; a sign-in page is redirected to. */
function isOwnStartPage(response: Response, url: string): boolean {
  return isModelPath(url) && response.type !== 'cors' && !response.redirected
}

/** Why bytes that came with an answer are not those of the file; undefined: nothing speaks against them. */
async function whyNotTheFile(
  response: Response,
  url: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<string | undefined> {
  if (isPage(response, url, body)) return pageWords
  if (isPointer(url, body))
    return 'it is a Git LFS pointer. Run "git lfs pull" where the server has its files from'
  const [, blob] = /^"([0-9a-f]{40})"$/.exec(response.headers.get('etag') ?? '') ?? []
  const hub = response.headers.has('x-repo-commit')
  if (hub && blob !== undefined)
    return blob === (await gitBlobId(body))
      ? undefined
      : 'its bytes do not hash to what its ETag says (Git blob)'
  if (body.length === 0 && (isResolveUrl(url) || isPinnedRevision(url)))
    return 'it has no byte, and nothing proves that'
  if (body.length > 0 && /\.json$/i.test(new URL(url).pathname) && !isJson(body))
    return 'it is cut, or no JSON'
  return undefined
}

/** Hubs give small files the id of their Git blob as ETag. */
async function gitBlobId(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const head = new TextEncoder().encode(`blob ${body.length}\0`)
  return hexOf(await crypto.subtle.digest('SHA-1', await new Blob([head, body]).arrayBuffer()))
}

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(body))
    return true
  } catch {
    return false
  }
}
