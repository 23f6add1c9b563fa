import { FerryError, isWeights } from '../core/index.ts'
import { attempt, type Net, readAtMost, retrying } from '../net/index.ts'
import { isElsewhere, isSizeCertain, plainFileInfo, xetFileInfo } from './file-info-headers.ts'
import type { FileInfo, Refusal } from '../protocol/index.ts'
import type { AskOptions } from './types.ts'

/** Whether an address names model weights, which are never a web page. */
export function isModelPath(url: string): boolean {
  const path = new URL(url).pathname.toLowerCase()
  return isWeights(path) || path.endsWith('.bin')
}

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
 * The file itself, where the answer to the first question brings it anyway: it is small, and lies on the
 * server that was asked. Every other body is cancelled.
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
  const linked = headers.has('x-linked-size') || headers.has('x-linked-etag')
  const small = /^\d{1,7}$/.test(told) && Number(told) <= smallFileLimit
  if (status !== 200 || !small || linked || isElsewhere(response, url)) {
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
 * @throws FerryError `protocol` for malformed answers, naming the field, and where no length is told
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
  const probe = async (): Promise<Response> =>
    await withoutBody(await ask({ ...identity, range: 'bytes=0-0' }))
  const read = async (response: Response): Promise<FileAnswer> => {
    if (!response.ok) {
      const missing = response.status === 404 && !isElsewhere(response, url)
      return { refusal: await readRefusal(response), missing }
    }
    const type = response.headers.get('content-type') ?? ''
    if (type.includes(fileInfoType)) return { info: await xetFileInfo(response, name, clock.now()) }
    if (/^text\/html\b/i.test(type) && isModelPath(url)) {
      await withoutBody(response)
      return { refusal: pageInsteadOfModel(), missing: false }
    }
    const body = await readSmallFile(response, url)
    const info = await plainFileInfo(response, name, clock.now(), probe, body?.length)
    return body === undefined ? { info } : { info, body }
  }
  const first = async (): Promise<Response> => {
    for (let again = 0; ; again += 1) {
      const response = await ask({ ...identity, accept: `${fileInfoType}, */*` })
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
