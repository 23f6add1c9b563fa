import { attempt } from '../net/attempt.ts'
import type { Net } from '../net/Net.ts'
import { retrying } from '../net/retrying.ts'
import type { AskOptions } from './AskOptions.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { isElsewhere } from './isElsewhere.ts'
import { isModelPath } from './isModelPath.ts'
import { pageInsteadOfModel } from './pageInsteadOfModel.ts'
import { plainFileInfo } from './plainFileInfo.ts'
import { readRefusal } from './readRefusal.ts'
import { readSmallFile } from './readSmallFile.ts'
import type { Refusal } from '../protocol/Refusal.ts'
import { xetFileInfo } from './xetFileInfo.ts'

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
