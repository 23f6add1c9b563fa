// The calls of a page that need more than one line of its loader: any fetch, the load of one file, the URL of a branch.
import { FerryError } from '../core/index.ts'
import { transfersStreams } from '../platform/index.ts'
import { type Backoff, type Fetch, networkError, ownFragment } from '../net/index.ts'
import {
  type AnsweringChannel,
  type CarriedRequest,
  type CarriedResponse,
  encodeError,
  type LoaderConfig,
} from '../protocol/index.ts'
import type { LoadedFile } from '../data/index.ts'
import {
  answerPage,
  type Bypass,
  type Engine,
  type FileSource,
  isChanged,
  isFileRequest,
  refusedError,
  type SourceOptions,
} from '../transfer/index.ts'
import type { Explainer } from './explain.ts'
import type { Store } from '../store/index.ts'
import type { LoaderSettings } from './loader-options.ts'
import type { Session } from './session.ts'

/** The parts of a loader that answer a page's fetch. */
export interface FetchParts {
  readonly config: LoaderConfig
  readonly settings: LoaderSettings
  /** The client whose view of branches is used: the page, with a made-up id when the service worker has none. */
  readonly client: string
  readonly session: Session
  /** With front-end identity, and with token renewal after a 401. */
  readonly fetch: Fetch
  readonly backoff: Backoff
  readonly isFile: (url: string) => boolean
  readonly engine: Engine
  readonly explainer: Explainer
  readonly bypass: Bypass
  readonly channel: AnsweringChannel
}

/**
 * Answers a page's fetch: with a model file, or, for other URLs and where a file cannot be stored, with the server's own
 * response.
 */
export async function fetchForPage(
  request: CarriedRequest,
  parts: FetchParts,
  signal: AbortSignal,
): Promise<Response> {
  const { engine, client, config, explainer, isFile, bypass, channel } = parts
  const url = request.url.split('#', 1)[0] ?? ''
  const headers = new Headers(request.headers as [string, string][])
  const plain = (): Promise<Response> => sendAsIs(request, headers, parts, signal)
  // The browser checks integrity only for its own fetches.
  const ours = isFile(url) && request.integrity === '' && isFileRequest(request, location.origin)
  if (!ours) return await plain()
  explainer.log(url)
  const { method, cache, redirect, credentials } = request
  const asked = { url, method, headers, cache, redirect, credentials, client }
  return await answerPage(async () => engine, asked, {
    origin: location.origin,
    files: config.patterns.files,
    bypass,
    plain,
    tell: (fault) => channel.emit({ name: 'fault', detail: fault }),
    signal,
  })
}

/**
 * Sends a request unchanged, with the credentials of its origin. A request with integrity may be for a model file: it
 * goes through the service worker, and its integrity is checked here.
 */
async function sendAsIs(
  { url, method, body, mode, cache, credentials, redirect, integrity }: CarriedRequest,
  headers: Headers,
  { settings, session, fetch, backoff }: FetchParts,
  signal: AbortSignal,
): Promise<Response> {
  const own = headers.has('authorization')
  const authorization = own ? undefined : await session.authorize(url)
  if (authorization !== undefined) headers.set('authorization', authorization)
  const init = {
    method,
    headers,
    signal,
    mode,
    cache,
    credentials,
    redirect,
    integrity,
    ...(body !== undefined && { body }),
  }
  const answerBy = Date.now() + settings.retry.patienceMs
  try {
    return await backoff.through(url, { signal, answerBy }, () =>
      fetch(url.split('#', 1)[0] + (integrity === '' ? ownFragment : ''), init),
    )
  } catch (error) {
    throw networkError(error, signal, url)
  }
}

/**
 * A response as data that can cross to the page: its body as a stream if streams can be transferred, otherwise read
 * whole first.
 */
export async function carryResponse(
  response: Response,
  url: string,
): Promise<{ carried: CarriedResponse; transferables: Transferable[] }> {
  const { status, statusText, body } = response
  const headers = [...response.headers]
  const head = { url: response.url || url, status, statusText, headers }
  if (body === null) return { carried: { ...head, body: null }, transferables: [] }
  if (transfersStreams()) return { carried: { ...head, body }, transferables: [body] }
  return { carried: { ...head, body: await response.blob() }, transferables: [] }
}

/**
 * Loads one file and waits until it is complete.
 *
 * @throws FerryError `unauthorized`, `forbidden`, `not-found` or `http` when the hub refuses it, `unsupported` when it
 * may not be kept, and the error of the load
 */
export async function loadFile(
  source: FileSource,
  url: string,
  options: SourceOptions & { readonly signal: AbortSignal },
): Promise<LoadedFile> {
  const { signal } = options
  const known = await source.info(url, { ...options, patient: true }).catch((error: unknown) => {
    throw forPage(error, url)
  })
  if ('refusal' in known) throw refusedError(url, known.refusal)
  const { info } = known
  const { content, size } = info
  const loaded = { url: info.url, content, size }
  if (size === 0 || (await source.stored(info))) return loaded
  const range = { start: 0, end: size }
  const demand = await source.demand(info, range, { ...options, onDevice: true })
  try {
    // A wait also marks its bytes as urgent, so the waits go from the start. The last byte is released only when the
    // whole file is verified.
    for (let at = 0; at < size;) at = await demand.until(at, signal)
    return loaded
  } catch (error) {
    if (!isChanged(error) || options.recheck) throw error
  } finally {
    demand.release()
  }
  // The server replaced the file after the question about it.
  return await loadFile(source, url, { ...options, recheck: 'always' })
}

/** An error with the URL that the page asked for, not that of a commit. It says what to do with an unkept file. */
function forPage(error: unknown, url: string): FerryError {
  const { code, message, ...more } = encodeError(error)
  const advice = code === 'unsupported' ? ' Use fetch(url) in place of a File.' : ''
  return new FerryError(code, message + advice, { ...more, url, cause: error })
}

/**
 * Loads a file and opens it. Its bytes are not deleted, also not by an eviction or `remove()`, until the signal aborts,
 * which the caller must do after an error, too.
 *
 * @param load loads the file, or finds it complete
 * @throws FerryError `storage` when it is removed meanwhile; the error of the load; the signal's reason
 */
export async function holdFile(
  load: () => Promise<LoadedFile>,
  store: Pick<Store, 'file' | 'hold'>,
  signal: AbortSignal,
): Promise<File> {
  const { url, content, size } = await load()
  signal.throwIfAborted()
  signal.addEventListener('abort', store.hold(content))
  const blob = size === 0 ? new Blob() : await store.file(content)
  if (!blob)
    throw new FerryError('storage', 'The file was removed while it was opened. Try again.', { url })
  // A `File` of a blob refers to it: nothing is copied.
  return new File([blob], new URL(url).pathname.split('/').pop() ?? '')
}

/**
 * URL of a branch's files, up to the revision.
 *
 * @param repo `org/name`, or with its kind as prefix: `datasets/org/name`
 * @param revision branch or tag
 * @throws FerryError `configuration`
 */
export function branchBase(hub: string | undefined, repo: string, revision: string): string {
  if (hub === undefined || !URL.canParse(hub))
    throw wrong('the address of a hub, or connect({ hubs }) one', `${hub}`)
  if (!/^(?:(?:datasets|spaces)\/)?[\w.-]+(?:\/[\w.-]+)?$/.test(repo))
    throw wrong('a repository such as "org/name" or "datasets/org/name"', repo)
  if (revision === '' || /^[0-9a-f]{40}$/.test(revision))
    throw wrong('a branch or a tag: a commit never changes', revision)
  return `${hub.replace(/\/+$/, '')}/${repo}/resolve/${encodeURIComponent(revision)}`
}

function wrong(wanted: string, seen: string): FerryError {
  return new FerryError('configuration', `ferry.update() takes ${wanted}; it was "${seen}".`)
}
