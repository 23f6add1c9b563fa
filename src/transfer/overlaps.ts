import type { ByteRange } from '../core/ByteRange.ts'

/** Whether two ranges share a byte. */
export function overlaps(a: ByteRange, b: ByteRange): boolean {
  return Math.max(a.start, b.start) < Math.min(a.end, b.end)
}
