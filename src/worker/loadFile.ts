import type { LoadedFile } from '../protocol/LoadedFile.ts'
import type { FileSource, SourceOptions } from '../transfer/FileSource.ts'
import { refusedError } from '../transfer/refusedError.ts'

/**
 * Brings one file onto the device and waits until it is there.
 *
 * @throws FerryError `unauthorized`, `forbidden`, `not-found` or `http` when the hub refuses it, and what
 *   the load fails with
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
    // The last piece leaves only when the whole file is proven.
    await demand.until(size - 1, signal)
    return loaded
  } finally {
    demand.release()
  }
}
