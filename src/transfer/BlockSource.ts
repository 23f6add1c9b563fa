import type { Hasher } from '../codec/Hasher.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import type { AskOptions } from '../reconstruction/AskOptions.ts'
import type { Block } from '../reconstruction/Block.ts'
import type { PieceDecoder } from './PieceDecoder.ts'

/** Where a file's blocks come from: the CAS, or the plain origin itself. */
export interface BlockSource {
  /** Whether a stretch can be asked for alone, so that what a cut left behind is kept. */
  readonly splits: boolean
  /** Whether its URLs are presigned, so that a refusal may only mean that they grew old. */
  readonly expires: boolean
  /** A valid block for exactly this range. */
  open(range: ByteRange, options: AskOptions): Promise<Block>
  /** A newer one, after a refusal or when it went stale. */
  renew(block: Block, options: AskOptions): Promise<Block>
  usable(block: Block, now: number): boolean
  /** Narrower ranges to ask for instead, where that keeps more connections busy. */
  narrow(block: Block, connections: number): ByteRange[] | undefined
  /** Headers for a range request; presigned storage gets none but the range. */
  headers(bytes: ByteRange): Record<string, string>
  /** @throws FerryError `integrity` when an answer shows that the file is not what it was any more */
  check(response: Response): void
  decoder(hasher: Hasher): PieceDecoder
}
