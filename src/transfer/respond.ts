import { addressOf, joinCredential } from '../address/index.ts'
import { type ByteRange, FerryError, requestedRange, sleep, streamParts } from '../core/index.ts'
import { begun, heldBody, isDeliverableInTime, readerStream } from './response-body.ts'
import {
  type PageRequest,
  whyNotFor,
  cacheDirectivesOf,
  failedCondition,
  isWhole,
} from './page-request.ts'
import type { FileInfo, Refusal } from '../data/index.ts'
import type { Delivered, DownloadReader, FileSource, SourceOptions } from './file-source.ts'

const types: Readonly<Record<string, string>> = {
  wasm: 'application/wasm', // streaming compilation requires it
  js: 'text/javascript',
  mjs: 'text/javascript',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
}

/**
 * Content type of a model file by its name: hubs send `application/octet-stream` for most of them or, on a redirect,
 * none.
 */
export function contentTypeOf(url: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? ''
  return types[extension] ?? 'application/octet-stream'
}

/** The source of a response, in the header `x-modelferry`. */
export type AnswerLabel = 'hit' | 'stream' | 'unproven' | 'unkept'

/**
 * Headers of every response for a file, for any part of it in the body. The hub's headers that libraries read are
 * kept.
 */
export function answerHeaders(info: FileInfo, label: AnswerLabel): Headers {
  const { url, size, etag, commit, sha256, xetHash, tokenUrl, reconstructionUrl } = info
  const headers = new Headers(info.headers as HeadersInit)
  headers.set('accept-ranges', 'bytes')
  headers.set('content-type', announcedType(info) ?? contentTypeOf(url))
  headers.set('x-linked-size', String(size))
  headers.set('x-modelferry', label)
  if (info.lastModified !== undefined) headers.set('last-modified', info.lastModified)
  if (etag !== undefined) headers.set('etag', etag)
  if (commit !== undefined) headers.set('x-repo-commit', commit)
  if (sha256 !== undefined) headers.set('x-linked-etag', `"${sha256}"`)
  if (xetHash !== undefined) headers.set('x-xet-hash', xetHash)
  const links = [
    tokenUrl && `<${tokenUrl}>; rel="xet-auth"`,
    reconstructionUrl && `<${reconstructionUrl}>; rel="xet-reconstruction-info"`,
  ].filter(Boolean)
  if (links.length > 0) headers.set('link', links.join(', '))
  return headers
}

/** The server's own type, unless it is generic. Hubs send JSON and scripts as plain text. */
function announcedType({ contentType, commit }: FileInfo): string | undefined {
  const generic = commit === undefined ? bytesOnly : bytesOrText
  return contentType === undefined || generic.test(contentType) ? undefined : contentType
}

const bytesOnly = /^\s*(?:application|binary)\/(?:octet-stream|x-binary|x-download)\b|^\s*$/i
const bytesOrText = new RegExp(String.raw`${bytesOnly.source}|^\s*text\/plain\b`, 'i')

/** A page's request, with its client. */
export interface AskedRequest extends PageRequest {
  /** The client, as in {@link SourceOptions}. */
  readonly client?: string | undefined
  readonly page?: boolean | undefined
}

/** Options of {@link respond}. */
export interface RespondOptions {
  /** Origin of the page. */
  readonly origin?: string
  /** As in `FilePatterns`. */
  readonly files?: readonly string[]
  /** Whether only stored files are used, because the repository failed a moment ago. */
  readonly bypassed?: boolean
  /** Time for the first bytes before the page's own request is made, milliseconds. */
  readonly firstByteMs?: number
  /** Time until the first byte of a range is proven before the page's own request is made, milliseconds. */
  readonly rangeFirstByteMs?: number
  /** Time without reads after which a body releases its demand until it is read again, milliseconds. */
  readonly unreadMs?: number
  /** Aborts the wait for the headers; a body is ended by cancelling it. */
  readonly signal?: AbortSignal | undefined
  /** Whether a body that this realm feeds arrives correctly; otherwise the response waits for the whole body. */
  readonly streams?: boolean
  /** As in `readerStream`. */
  readonly copied?: boolean
  /** As in {@link SourceOptions}. */
  readonly own?: SourceOptions['own']
  /** Called at the end of each step, with its name. */
  readonly mark?: (step: string) => void
  /** Keeps the realm alive while a body is read; receives a promise of its end. */
  readonly whileRead?: ((reading: Promise<void>) => void) | undefined
}

/** Most probes are cancelled unread within this time, milliseconds; only the others are answered. */
const unreadProbeMs = 200

const fileInfoType = 'application/vnd.xet-fileinfo+json'

/**
 * Answers a request for a model file like its own server would, from any source of its bytes.
 *
 * @param source source of files
 * @param request a GET or HEAD
 * @param options options of the realm
 * @returns undefined when the page's own request must be made
 * @throws FerryError when not even the headers are available, or when no byte arrives in time
 * Sources: RFC 9110, sections 13 and 14; the hub's file info.
 */
export async function respond(
  source: FileSource,
  request: AskedRequest,
  {
    signal,
    streams = true,
    copied,
    whileRead,
    origin = '',
    files,
    bypassed = false,
    firstByteMs = 5000,
    rangeFirstByteMs = 10_000,
    unreadMs,
    own,
    mark,
  }: RespondOptions = {},
): Promise<Response | undefined> {
  const { url, method, headers, client, page } = request
  const { recheck, reload = false } = cacheDirectivesOf(request)
  const { name, asked } = addressOf(url, files)
  const options: SourceOptions = {
    recheck,
    authorization: joinCredential(asked, headers.get('authorization')),
    client,
    page,
    signal,
    own,
    whole: isWhole(request) && !bypassed && !wantsFileInfo(headers),
  }
  const start = Date.now()
  const known = await source.info(name, options)
  mark?.('info')
  if ('refusal' in known) return refused(known.refusal, method)
  const stored = await source.stored(known.info)
  mark?.('device')
  const info = reconciled(stored, known.info)
  if (whyNotFor(request, info, origin) !== undefined) return undefined
  if (wantsFileInfo(headers) && info.xetHash !== undefined) return fileInfoAnswer(info, method)
  const failed = failedCondition(headers, info)
  if (failed) return new Response(null, { status: failed, headers: answerHeaders(info, 'hit') })
  if (method === 'HEAD') return answer(info, 'whole', null, 'hit')
  const range = rangeOf(headers, info)
  if (range === 'unsatisfiable') {
    const unsatisfied = answerHeaders(info, 'hit')
    unsatisfied.set('content-range', `bytes */${info.size}`)
    return new Response(null, { status: 416, headers: unsatisfied })
  }
  // Only the server can send its current bytes. A small file came with its info.
  const sent =
    info.content.startsWith('sha') && info.fetchedAt >= start && info.fetchedAt <= Date.now()
  const unproven = stored ?? !options.whole
  if (unproven && reload && !sent && !info.xetHash && !info.sha256) return undefined
  if (!stored && bypassed) return undefined
  if (stored) {
    const part = slice(stored, range)
    return answer(info, range, whileRead ? heldBody(part, whileRead) : part, 'hit')
  }
  if (info.size === 0 || (range !== 'whole' && range.end === 1))
    return answer(
      info,
      range,
      streams ? probeBody(source, info, options) : await probed(source, info, options),
      'unproven',
    )
  const wanted = range === 'whole' ? { start: 0, end: info.size } : range
  const inside = wanted.end < info.size
  // The end of a file is delivered only when all of it has arrived.
  const tail =
    info.size > smallFileBytes && wanted.end === info.size && wanted.start >= info.size - mostTail
  // A range of this file is proven only by the whole file.
  if ((inside || tail) && info.xetHash === undefined && info.size > smallFileBytes) return undefined
  const demand = await source.demand(info, wanted, options)
  mark?.('demand')
  await begun(demand, firstByteMs)
  mark?.('first-bytes')
  const first = tail ? wanted.end - 1 : wanted.start
  if ((inside || tail) && !(await isDeliverableInTime(demand, first, rangeFirstByteMs)))
    return undefined
  const again = (before: Delivered, start: number): Promise<DownloadReader> =>
    source.demand(info, { ...wanted, start }, { ...options, before, signal: undefined })
  const fed = readerStream(demand, wanted, again, unreadMs, copied, info.url)
  const body = whileRead ? heldBody(fed, whileRead) : fed
  return answer(info, range, streams ? body : await kept(source, info, body, range), 'stream')
}

/** Up to this size a range request waits for the whole file, bytes. */
const smallFileBytes = 16 * 2 ** 20
/** The last part of a large file up to this size, such as an index, is not a continued download, bytes. */
const mostTail = 2 ** 20

/** A hash determines the size of a file: a hub with another size for a stored one is wrong. */
function reconciled(stored: Blob | undefined, info: FileInfo): FileInfo {
  const { size } = (info.xetHash !== undefined && stored) || info
  return size === info.size ? info : { ...info, size }
}

/**
 * Whether only the hub's file info is requested. A request that also has a range is excluded: the hub's own client
 * bypasses the service worker as soon as it reads this content type, and uses ranges otherwise.
 */
function wantsFileInfo(headers: Headers): boolean {
  return !headers.has('range') && (headers.get('accept')?.includes(fileInfoType) ?? false)
}

function rangeOf(headers: Headers, info: FileInfo): ByteRange | 'whole' | 'unsatisfiable' {
  const condition = headers.get('if-range')
  // Only a strong tag guarantees that two versions are equal byte for byte.
  const same = condition?.trim() === info.etag && !condition?.trim().startsWith('W/')
  if (condition !== null && !same) return 'whole'
  return requestedRange(headers.get('range'), info.size)
}

/** A body that is independent of this realm: the file when it is complete. */
async function kept(
  source: FileSource,
  info: FileInfo,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  range: ByteRange | 'whole',
): Promise<Blob> {
  // A small file may be given before it is stored.
  if (range !== 'whole' || info.size <= smallFileBytes) return await new Response(body).blob()
  for await (const _ of streamParts(body)) continue
  const stored = await source.stored(info)
  if (stored) return stored
  throw new FerryError('storage', 'The file was removed. Ask for the file again.', {
    url: info.url,
    retryable: true,
  })
}

function slice(blob: Blob, range: ByteRange | 'whole'): Blob {
  return range === 'whole' ? blob : blob.slice(range.start, range.end)
}

function answer(
  info: FileInfo,
  range: ByteRange | 'whole',
  body: BodyInit | null,
  label: AnswerLabel,
): Response {
  const headers = answerHeaders(info, label)
  // Otherwise Chromium copies the whole file into the memory of a page that reads slower than the disk.
  if (body instanceof Blob && !headers.has('cache-control'))
    headers.set('cache-control', 'no-store')
  if (range === 'whole') {
    headers.set('content-length', String(info.size))
    return new Response(body, { status: 200, headers })
  }
  headers.set('content-length', String(range.end - range.start))
  headers.set('content-range', `bytes ${range.start}-${range.end - 1}/${info.size}`)
  return new Response(body, { status: 206, headers })
}

/** The hub's response to a file info request; clients read the headers, the body repeats them. */
function fileInfoAnswer(info: FileInfo, method: string): Response {
  const headers = answerHeaders(info, 'hit')
  headers.set('content-type', fileInfoType)
  const { xetHash: hash, tokenUrl: refreshUrl, reconstructionUrl, sha256: etag, size } = info
  const body = JSON.stringify({ hash, refreshUrl, reconstructionUrl, etag, size })
  return new Response(method === 'HEAD' ? null : body, { headers })
}

/** A body of one byte that is fetched only when it is still being read. */
function probeBody(
  source: FileSource,
  info: FileInfo,
  options: SourceOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const abort = new AbortController()
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async start(controller) {
      try {
        await sleep(info.size === 0 ? 0 : unreadProbeMs, abort.signal)
        if (info.size > 0)
          controller.enqueue(await source.probe(info, { ...options, signal: abort.signal }))
        controller.close()
      } catch (error) {
        if (!abort.signal.aborted) controller.error(error)
      }
    },
    cancel(reason) {
      abort.abort(reason)
    },
  })
}

/** Like {@link probeBody}, for browsers that hold headers back until the first byte: it is fetched at once. */
async function probed(
  source: FileSource,
  info: FileInfo,
  options: SourceOptions,
): Promise<BodyInit> {
  try {
    return info.size === 0 ? '' : await source.probe(info, { ...options, hurry: true })
  } catch (error) {
    options.signal?.throwIfAborted()
    // The headers are still correct.
    return new ReadableStream({ start: (controller) => controller.error(error) })
  }
}

/** The server's own refusal as a response. */
export function refused(
  { status, statusText, headers, body }: Refusal,
  method: string = 'GET',
): Response {
  const bodyless = method === 'HEAD' || [204, 205, 304].includes(status)
  return new Response(bodyless ? null : body, {
    status,
    statusText,
    headers: headers as HeadersInit,
  })
}

/** The server's own response with a label: it was neither verified nor stored. */
export function unkept(response: Response): Response {
  // Opaque responses and unfollowed redirects have no status and cannot be constructed.
  if (response.status === 0) return response
  const { status, statusText, body } = response
  const headers = new Headers(response.headers)
  headers.set('x-modelferry', 'unkept')
  return new Response(body, { status, statusText, headers })
}
