import type { LoadedFile } from '../protocol/LoadedFile.ts'
import { FerryError } from '../core/FerryError.ts'
import type { FileSource, SourceOptions } from '../transfer/FileSource.ts'
import type { FerryErrorCode } from '../core/FerryErrorCode.ts'

const codes: Readonly<Record<number, FerryErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
}

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
  if ('refusal' in known) {
    const { status, headers } = known.refusal
    const said = new Map(headers).get('x-error-message')
    throw new FerryError(
      codes[status] ?? 'http',
      `The hub answered ${status}${said ? `: ${said}` : '.'}`,
      {
        url,
        status,
      },
    )
  }
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
