import type { ByteRange } from '../core/ByteRange.ts'
import type { Block } from './Block.ts'
import type { ReconstructionRecord } from './ReconstructionRecord.ts'

/** The block for exactly this range; one that merely covers it was signed for other bytes. */
export function findBlock(
  record: ReconstructionRecord | undefined,
  { start, end }: ByteRange,
): Block | undefined {
  return record?.blocks.find(({ range }) => range.start === start && range.end === end)
}
