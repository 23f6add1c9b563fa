import type { ByteRange } from '../core/ByteRange.ts'
import type { ByteSet } from '../core/ByteSet.ts'
import type { Block } from '../reconstruction/Block.ts'
import { overlaps } from './overlaps.ts'

/** Longest chunk there is, bytes (Xet protocol, section on chunk records). */
const maxChunk = 131_072

/**
 * The stretches to ask for in place of a block: narrower ones where that keeps more connections busy, and
 * around what is here already. A signed range can only be fetched whole, so a run that is here in part
 * would be fetched twice.
 *
 * @param block an answer
 * @param held what is here of the file
 * @param narrow stretches that the block is worth to be cut into, if any
 * @returns undefined to go on with the block as it is
 */
export function splitSpan(
  { range, runs }: Block,
  held: ByteSet,
  narrow: readonly ByteRange[] | undefined,
): ByteRange[] | undefined {
  // The chunk at the border belongs to the stretch before; that it is here is not worth another question.
  const border = held.endFrom(range.start)
  const start = border - range.start <= maxChunk ? border : range.start
  const torn = runs.some(({ offset, length }) => {
    const run = { start: Math.max(start, offset), end: offset + length }
    return held.ranges.some((known) => overlaps(known, run)) && !held.covers(run)
  })
  if (!torn && narrow === undefined) return undefined
  const parts = (narrow ?? [range]).flatMap((part) => held.missing(part))
  const [first] = parts
  const same = parts.length === 1 && first?.start === range.start && first.end === range.end
  return same ? undefined : parts
}
