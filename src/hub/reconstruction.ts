// Which chunks of which xorbs make a range of a file, which ranges are signed for them, and how an answer says it.

import type { StoredFile, StoredTerm, StoredXorb } from './context.ts'
import type { ByteRange } from '../core/index.ts'

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

/** Keeps URLs below the lengths that proxies refuse. */
const MOST_RANGES_PER_URL = 400

/**
 * Signs what a plan needs.
 *
 * @param plan from `planReconstruction`
 * @param multirange whether a URL may be signed for several ranges
 * @param sign makes a URL for ranges of a xorb
 */
export function signPlan(
  plan: ReconstructionPlan,
  multirange: boolean,
  sign: (xorb: string, ranges: readonly ByteRange[]) => string,
): SignedEntry[] {
  const most = multirange ? MOST_RANGES_PER_URL : 1
  const entries: SignedEntry[] = []
  for (const [xorb, ranges] of plan.ranges) {
    for (let at = 0; at < ranges.length; at += most) {
      const some = ranges.slice(at, at + most)
      const url = sign(
        xorb,
        some.map((range) => range.bytes),
      )
      entries.push({ xorb, url, ranges: some })
    }
  }
  return entries
}

interface WireRange {
  readonly start: number
  readonly end: number
}

/**
 * A reconstruction as it goes over the wire: chunk ranges with exclusive, byte ranges with inclusive end.
 *
 * @param plan its terms
 * @param entries the signed URLs for it
 * @param version of the API: 1 has one flat item per range under `fetch_info`, 2 groups them under `xorbs`
 * @see Xet protocol, section on the reconstruction API
 */
export function writeReconstruction(
  plan: ReconstructionPlan,
  entries: readonly SignedEntry[],
  version: 1 | 2,
): object {
  const head = {
    offset_into_first_range: plan.offset,
    terms: plan.terms.map(({ xorb, start, end, length }) => ({
      hash: xorb,
      unpacked_length: length,
      range: { start, end },
    })),
  }
  if (version === 1) {
    const items = entries.flatMap(({ xorb, url, ranges }) =>
      ranges.map(
        ({ chunks, bytes }) => [xorb, { range: chunks, url, url_range: inclusive(bytes) }] as const,
      ),
    )
    return { ...head, fetch_info: group(items) }
  }
  const items = entries.map(
    ({ xorb, url, ranges }) =>
      [
        xorb,
        { url, ranges: ranges.map(({ chunks, bytes }) => ({ chunks, bytes: inclusive(bytes) })) },
      ] as const,
  )
  return { ...head, xorbs: group(items) }
}

function inclusive({ start, end }: WireRange): WireRange {
  return { start, end: end - 1 }
}

function group<Item>(items: readonly (readonly [string, Item])[]): Record<string, Item[]> {
  const groups: Record<string, Item[]> = {}
  for (const [key, item] of items) (groups[key] ??= []).push(item)
  return groups
}

/** A run of chunks of a xorb with the bytes they take there. */
export interface PlannedRange {
  readonly chunks: ByteRange
  readonly bytes: ByteRange
}

/** What has to be fetched for a range of a file, before anything is signed. */
export interface ReconstructionPlan {
  /** Unpacked bytes of the first term that lie before the range. */
  readonly offset: number
  readonly terms: readonly StoredTerm[]
  /** By xorb, ascending; each term lies within one of them. */
  readonly ranges: ReadonlyMap<string, readonly PlannedRange[]>
}

/** A presigned URL with what may be asked for under it. */
export interface SignedEntry {
  readonly xorb: string
  readonly url: string
  readonly ranges: readonly PlannedRange[]
}
