import type { ReconstructionPlan } from './ReconstructionPlan.ts'
import type { SignedEntry } from './SignedEntry.ts'

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
