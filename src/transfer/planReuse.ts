import type { ChunkRow } from '../codec/ChunkRow.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import type { ByteSet } from '../core/ByteSet.ts'
import type { Run } from '../reconstruction/Run.ts'
import type { HeldChunk } from '../store/HeldChunk.ts'
import { overlaps } from './overlaps.ts'

/** Chunks that follow each other in the xorb, in the file to be made, and in one file on the device. */
export interface Stretch {
  /** The file on the device. */
  readonly content: string
  /** Where they lie in it. */
  readonly source: ByteRange
  /** Index of the first one within the xorb. */
  readonly chunk: number
  /** Where the first one goes. */
  readonly offset: number
  readonly rows: readonly ChunkRow[]
}

/** Where to copy from, by the end of the run from which places are known; the surest come first. */
export interface ReusePlan {
  /** Ascending. */
  readonly front: readonly Stretch[]
  /** Descending. */
  readonly back: readonly Stretch[]
}

/** A chunk with the place it has in the file to be made. */
interface Placed {
  readonly chunk: HeldChunk
  readonly offset: number
}

/**
 * Which chunks of a run can be copied from files on the device. A reconstruction does not tell chunk
 * lengths: from either end of a run, chunks have a known place up to the first one that is not here.
 *
 * @param own stretch of the file in which a chunk has to begin, as when it is fetched
 * @param chunks the run's chunks that are on the device, by index
 * @param held what is here of the file; it is not copied again
 * @param most bytes of one stretch (or one chunk, when that is longer)
 */
export function planReuse(
  run: Run,
  own: ByteRange,
  chunks: ReadonlyMap<number, HeldChunk>,
  held: ByteSet,
  most: number,
): ReusePlan {
  const end = run.offset + run.length
  const front: Placed[] = []
  let at = run.offset
  for (let index = run.chunks.start; index < run.chunks.end; index += 1) {
    const chunk = chunks.get(index)
    if (!chunk || at + chunk.length > end) break
    front.push({ chunk, offset: at })
    at += chunk.length
  }
  const back: Placed[] = []
  let until = end
  for (let index = run.chunks.end - 1; index >= run.chunks.start + front.length; index -= 1) {
    const chunk = chunks.get(index)
    if (!chunk || until - chunk.length < at) break
    until -= chunk.length
    back.push({ chunk, offset: until })
  }
  const missing = ({ chunk, offset }: Placed): boolean =>
    own.start <= offset &&
    offset < own.end &&
    !held.ranges.some((range) => overlaps(range, { start: offset, end: offset + chunk.length }))
  return {
    front: stretchesOf(front.filter(missing), most),
    back: stretchesOf(back.toReversed().filter(missing), most).toReversed(),
  }
}

function stretchesOf(placed: readonly Placed[], most: number): Stretch[] {
  const stretches: Stretch[] = []
  for (const { chunk, offset } of placed) {
    const row = { hash: chunk.hash, length: chunk.length }
    const source = { start: chunk.offset, end: chunk.offset + chunk.length }
    const last = stretches.at(-1)
    const joins =
      last !== undefined &&
      last.content === chunk.content &&
      last.source.end === source.start &&
      last.chunk + last.rows.length === chunk.chunk &&
      source.end - last.source.start <= most
    if (joins)
      stretches[stretches.length - 1] = {
        ...last,
        source: { start: last.source.start, end: source.end },
        rows: [...last.rows, row],
      }
    else stretches.push({ content: chunk.content, source, chunk: chunk.chunk, offset, rows: [row] })
  }
  return stretches
}
