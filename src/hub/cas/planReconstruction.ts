import type { ByteRange } from '../../core/ByteRange.ts'
import type { StoredFile } from '../disk/StoredFile.ts'
import type { StoredTerm } from '../disk/StoredTerm.ts'
import type { StoredXorb } from '../disk/StoredXorb.ts'
import type { PlannedRange } from './PlannedRange.ts'
import type { ReconstructionPlan } from './ReconstructionPlan.ts'

/**
 * Finds the chunks that hold a range of a file, widened to whole chunks.
 *
 * @param file its terms
 * @param range bytes of the file, not empty, within it
 * @param xorb looks a xorb up; every term's is there
 * @param descriptorBytes most bytes of one range; a longer run is cut into several terms, at chunk borders
 * @see Xet protocol, section on the reconstruction API
 */
export function planReconstruction(
  file: StoredFile,
  range: ByteRange,
  xorb: (hash: string) => StoredXorb,
  descriptorBytes: number,
): ReconstructionPlan {
  const { offset, terms: whole } = narrow(file.terms, range, xorb)
  const terms = whole.flatMap((term) => cut(term, xorb(term.xorb), descriptorBytes))
  const runs = new Map<string, StoredTerm[]>()
  for (const term of terms) {
    const of = runs.get(term.xorb)
    if (of === undefined) runs.set(term.xorb, [term])
    else of.push(term)
  }
  const touching = descriptorBytes === Number.POSITIVE_INFINITY
  const ranges = new Map<string, PlannedRange[]>()
  for (const [hash, of] of runs) {
    const merged = merge(of, touching)
    ranges.set(
      hash,
      merged.map((chunks) => ({ chunks, bytes: bytesOf(chunks, xorb(hash)) })),
    )
  }
  return { offset, terms, ranges }
}

function narrow(
  terms: readonly StoredTerm[],
  range: ByteRange,
  xorb: (hash: string) => StoredXorb,
): { offset: number; terms: StoredTerm[] } {
  const kept: StoredTerm[] = []
  let at = 0
  let begin: number | undefined
  for (const term of terms) {
    const next = at + term.length
    if (next > range.start && at < range.end) {
      const { chunks } = xorb(term.xorb)
      let { start, end, length } = term
      let first = at
      for (; first + chunks[start]!.length <= range.start; start++) {
        first += chunks[start]!.length
        length -= chunks[start]!.length
      }
      for (; first + length - chunks[end - 1]!.length >= range.end; end--) {
        length -= chunks[end - 1]!.length
      }
      begin ??= first
      kept.push({ xorb: term.xorb, start, end, length })
    }
    at = next
  }
  return { offset: range.start - (begin ?? range.start), terms: kept }
}

function cut(term: StoredTerm, { chunks }: StoredXorb, most: number): StoredTerm[] {
  const pieces: StoredTerm[] = []
  let start = term.start
  let stored = 0
  let length = 0
  for (let index = term.start; index < term.end; index++) {
    const chunk = chunks[index]!
    if (index > start && stored + chunk.stored > most) {
      pieces.push({ xorb: term.xorb, start, end: index, length })
      start = index
      stored = 0
      length = 0
    }
    stored += chunk.stored
    length += chunk.length
  }
  return [...pieces, { xorb: term.xorb, start, end: term.end, length }]
}

/** Overlapping runs become one range, and touching ones too unless ranges are to stay small. */
function merge(runs: readonly ByteRange[], touching: boolean): ByteRange[] {
  const merged: ByteRange[] = []
  for (const { start, end } of runs.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1)
    if (last !== undefined && (start < last.end || (touching && start === last.end))) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, end) }
    } else {
      merged.push({ start, end })
    }
  }
  return merged
}

function bytesOf({ start, end }: ByteRange, { chunks }: StoredXorb): ByteRange {
  const last = chunks[end - 1]!
  return { start: chunks[start]!.offset, end: last.offset + last.stored }
}
