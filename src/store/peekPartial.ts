import type { Hasher } from '../codec/Hasher.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import type { Folder } from './Folder.ts'
import type { HeldRun } from './HeldRun.ts'
import { rowsMatch } from './rowsMatch.ts'
import { rowsWithin } from './rowsWithin.ts'
import { rowStretches } from './rowStretches.ts'
import { runLength } from './runLength.ts'

/** Unit of reading, bytes. */
const stretchBytes = 4 * 1024 * 1024

/**
 * Reads committed bytes of a file that somebody else may be writing at this moment. Whole chunks are read
 * and hashed, so that no accident between the two can show a wrong byte.
 *
 * @param held by ascending offset
 * @returns undefined when the range is not wholly held, or does not hash right just now
 */
export async function peekPartial(
  held: readonly HeldRun[],
  folder: Folder,
  range: ByteRange,
  hasher: Hasher,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(range.end - range.start)
  let next = range.start
  for (const run of held) {
    if (next >= range.end) break
    if (run.offset > next || run.offset + runLength(run) <= next) continue
    for (const stretch of rowStretches(rowsWithin(run, range), stretchBytes)) {
      const read = await folder.read(run.parts, stretch.start, stretch.end)
      if (read === undefined || !rowsMatch(read, stretch.rows, hasher)) return undefined
      const end = Math.min(stretch.end, range.end)
      if (end <= next) continue
      bytes.set(read.subarray(next - stretch.start, end - stretch.start), next - range.start)
      next = end
    }
  }
  return next >= range.end ? bytes : undefined
}
