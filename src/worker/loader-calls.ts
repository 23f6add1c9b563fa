import { capabilities, FerryError } from '../core/index.ts'
import { type FileSource, refusedError, type SourceOptions } from '../transfer/index.ts'
import type { CarriedResponse, LoadedFile } from '../protocol/index.ts'

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
  if (capabilities.streamTransfer) return { carried: { ...head, body }, transferables: [body] }
  return { carried: { ...head, body: await response.blob() }, transferables: [] }
}

/**
 * Loads one file and waits until it is complete.
 *
 * @throws FerryError `unauthorized`, `forbidden`, `not-found` or `http` when the hub refuses it, and the error of the
 * load
 */
export async function loadFile(
  source: FileSource,
  url: string,
  options: SourceOptions & { readonly signal: AbortSignal },
): Promise<LoadedFile> {
  const { signal } = options
  const known = await source.info(url, { ...options, patient: true })
  if ('refusal' in known) throw refusedError(url, known.refusal)
  const { info } = known
  const { content, size } = info
  const loaded = { url: info.url, content, size }
  if (size === 0 || (await source.stored(info))) return loaded
  const demand = await source.demand(info, { start: 0, end: size }, options)
  try {
    // The last byte is released only when the whole file is verified.
    await demand.until(size - 1, signal)
    return loaded
  } finally {
    demand.release()
  }
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
