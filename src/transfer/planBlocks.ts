import type { ByteRange } from '../core/ByteRange.ts'
import type { Block } from '../reconstruction/Block.ts'

const mebi = 2 ** 20

/** Longest stretch of a file asked for in one reconstruction call: bounds the record, and the URLs' age. */
export const maxBlock: number = 256 * mebi

/** Cuts `range` into stretches of `step` bytes; the last one may be shorter. */
function cut(range: ByteRange, step: number): ByteRange[] {
  const parts: ByteRange[] = []
  for (let start = range.start; start < range.end; start += step)
    parts.push({ start, end: Math.min(range.end, start + step) })
  return parts
}

/** The blocks a file is asked for in at first. */
export function firstBlocks(size: number): ByteRange[] {
  return cut({ start: 0, end: size }, maxBlock)
}

/**
 * Whether the block's descriptors are too few and too large to keep the connections busy; then the
 * narrower blocks to ask for instead. A signed range may not be asked for in part, so only a narrower
 * reconstruction call splits it.
 *
 * @param block answer to a first call
 * @param connections how many requests run side by side
 * @returns block ranges of 8 to 16 MiB, or undefined to go on with the block as it is
 */
export function narrowBlocks(block: Block, connections: number): ByteRange[] | undefined {
  const largest = Math.max(0, ...block.descriptors.map(({ bytes }) => bytes.end - bytes.start))
  if (block.descriptors.length >= connections || largest <= 16 * mebi) return undefined
  const length = block.range.end - block.range.start
  return cut(block.range, Math.min(16 * mebi, Math.max(8 * mebi, Math.ceil(length / connections))))
}
