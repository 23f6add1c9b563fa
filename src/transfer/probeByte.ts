import { FerryError } from '../core/FerryError.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { AskOptions } from '../reconstruction/AskOptions.ts'
import { fetchPiece } from './fetchPiece.ts'
import { plainBlocks } from './plainBlocks.ts'
import type { TransferTools } from './TransferTools.ts'
import { xetBlocks } from './xetBlocks.ts'

/**
 * The first byte of a file, by the narrowest call there is: one chunk. It is true as far as the transport
 * is, not proven: without the rest of its xorb nothing can be compared.
 *
 * @throws FerryError as the calls do; `protocol` when nothing came
 */
export async function probeByte(
  { net, reconstructions, hasher }: Pick<TransferTools, 'net' | 'reconstructions' | 'hasher'>,
  info: FileInfo,
  options: AskOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const plain = info.xetHash === undefined
  const whole = plain ? plainBlocks(info, options.authorization) : xetBlocks(info, reconstructions)
  // A server without ranges is asked for everything, and left after the first byte.
  const blocks = plain
    ? plainBlocks({ ...info, size: Math.min(info.size, 1) }, options.authorization)
    : whole
  const block = await blocks.open({ start: 0, end: 1 }, options)
  const [run] = block.runs
  const descriptor = block.descriptors.find(
    ({ xorb, chunks }) =>
      xorb === run?.xorb && chunks.start <= run.chunks.start && run.chunks.start < chunks.end,
  )
  if (!run || !descriptor)
    throw new FerryError('protocol', 'The reconstruction of the first byte is empty.', {
      url: info.url,
    })
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
  if (first?.length !== 1)
    throw new FerryError('protocol', 'The first chunk of the file is empty.', { url: info.url })
  return first
}
