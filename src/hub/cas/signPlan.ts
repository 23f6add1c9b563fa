import type { ByteRange } from '../../core/ByteRange.ts'
import type { ReconstructionPlan } from './ReconstructionPlan.ts'
import type { SignedEntry } from './SignedEntry.ts'

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
