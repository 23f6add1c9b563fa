import type { FileInfo } from '../protocol/FileInfo.ts'
import type { Reconstructions } from '../reconstruction/Reconstructions.ts'
import { isUsable } from '../reconstruction/isUsable.ts'
import type { BlockSource } from './BlockSource.ts'
import { narrowBlocks } from './planBlocks.ts'
import { RecordDecoder } from './RecordDecoder.ts'

/** Blocks of a file on Xet: reconstruction calls, presigned URLs, chunk records. */
export function xetBlocks(info: FileInfo, reconstructions: Reconstructions): BlockSource {
  return {
    splits: true,
    expires: true,
    open: (range, options) => reconstructions.block(info, range, options),
    renew: (block, options) => reconstructions.renew(info, block, options),
    usable: (block, now) => isUsable(block, now),
    narrow: narrowBlocks,
    headers: ({ start, end }) => ({ range: `bytes=${start}-${end - 1}` }),
    // Chunks are compared by their hashes, whatever the storage says of itself.
    check: () => undefined,
    decoder: (hasher) => new RecordDecoder(hasher),
  }
}
