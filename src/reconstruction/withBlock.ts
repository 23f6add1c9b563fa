import type { Block } from './Block.ts'
import { findBlock } from './findBlock.ts'
import type { ReconstructionRecord } from './ReconstructionRecord.ts'

/**
 * Blocks kept of one file. A transfer works on a few at a time, and a record is written whole each time:
 * the oldest go, which costs at most one call should they be wanted again.
 */
const maxBlocks = 64

/** The record with a block in the place of the one with the same range. */
export function withBlock(
  record: ReconstructionRecord | undefined,
  block: Block,
): ReconstructionRecord {
  const before = findBlock(record, block.range)
  const others = (record?.blocks ?? []).filter((other) => other !== before)
  const newestFirst = others.toSorted((a, b) => b.fetchedAt - a.fetchedAt)
  return { ...record, blocks: [block, ...newestFirst].slice(0, maxBlocks) }
}
