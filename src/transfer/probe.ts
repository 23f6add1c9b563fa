import { type Clock, FerryError } from '../core/index.ts'
import { plainBlocks, xetBlocks } from './blocks.ts'
import { fetchPiece } from './fetch-piece.ts'
import type { FileInfo } from '../data/index.ts'
import type { AskOptions } from '../reconstruction/index.ts'
import type { Store } from '../store/index.ts'
import type { SourceOptions, DownloadTools } from './file-source.ts'
import type { SharedDownload } from './shared-download.ts'

/**
 * How long a patient probe waits for a download to provide its byte, milliseconds: a page may be reading it. Libraries
 * that request sizes load the files right after. They leave the body of the probe unread without cancelling it, so
 * they look like a caller that waits for the byte.
 */
const passingMs = 1000
/** How long it waits until a running download has proven the byte, and the byte's place is confirmed, milliseconds. */
const confirmedMs = 10_000
/** Polling interval, milliseconds. */
const lookMs = 250

/** Sources of a byte without a separate request. */
export interface ByteSources {
  readonly store: Pick<Store, 'peek'>
  readonly clock: Clock
  /** The running download of the file in this realm; downloads of other realms are visible in the store. */
  readonly shared: () => SharedDownload | undefined
}

/**
 * The first byte of a file, from the device or from a download that starts meanwhile.
 *
 * @param content of a file that is not empty
 * @returns undefined when no download starts, or has a confirmed byte, in time; at once when the caller is in a hurry
 * @throws the error of the download; the signal's reason
 */
export async function byteWithoutRequest(
  { store, clock, shared }: ByteSources,
  content: string,
  { signal, hurry }: Pick<SourceOptions, 'signal' | 'hurry'>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (let waited = 0; ; waited += lookMs) {
    const held = await store.peek(content, { start: 0, end: 1 })
    if (held) return held
    if (hurry) return undefined
    const running = shared()
    if (running && !running.ended) return await byteOf(running, signal)
    if (waited >= passingMs) return undefined
    await clock.sleep(lookMs, signal)
  }
}

async function byteOf(
  shared: SharedDownload,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // A plain file has no reconstructions that could confirm each other.
  const range = shared.info.xetHash === undefined ? undefined : { start: 0, end: 1 }
  const demand = shared.join(undefined, range)
  const late = AbortSignal.timeout(confirmedMs)
  try {
    await demand.until(0, signal ? AbortSignal.any([signal, late]) : late)
    return await demand.read(0, 1)
  } catch (error) {
    if (late.aborted && !signal?.aborted) return undefined
    throw error
  } finally {
    demand.release()
  }
}

/**
 * Fetches the first byte of a file by the smallest possible request: one chunk. It is correct as far as the transport
 * is, but not proven: without the rest of its xorb nothing can be compared.
 *
 * @throws FerryError of the requests; `protocol` for an empty response
 */
export async function probeByte(
  { net, reconstructions, hasher }: Pick<DownloadTools, 'net' | 'reconstructions' | 'hasher'>,
  info: FileInfo,
  options: AskOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const plain = info.xetHash === undefined
  const whole = plain ? plainBlocks(info, options.authorization) : xetBlocks(info, reconstructions)
  // Without ranges the whole file is requested, and cancelled after the first byte.
  const blocks = plain
    ? plainBlocks({ ...info, size: Math.min(info.size, 1) }, options.authorization)
    : whole
  const block = await blocks.open({ start: 0, end: 1 }, options)
  const [run] = block.runs
  const descriptor = block.descriptors.find(
    ({ xorb, chunks }) =>
      xorb === run?.xorb && chunks.start <= run.chunks.start && run.chunks.start < chunks.end,
  )
  const empty = (): FerryError =>
    new FerryError('protocol', 'The first chunk of the file is empty.', { url: info.url })
  if (!run || !descriptor) throw empty()
  let index = descriptor.chunks.start
  let first: Uint8Array<ArrayBuffer> | undefined
  await fetchPiece(net, {
    url: descriptor.url,
    bytes: descriptor.bytes,
    headers: blocks.headers(descriptor.bytes),
    decoder: blocks.decoder(hasher),
    check: (response) => whole.check(response),
    signal: options.signal ?? AbortSignal.timeout(net.retry.firstByteMs + net.retry.stallMs),
    take: async ({ bytes }) => {
      if (index === run.chunks.start) first = bytes.slice(0, 1)
      index += 1
    },
    arrived: () => undefined,
  })
  if (first?.length !== 1) throw empty()
  return first
}
