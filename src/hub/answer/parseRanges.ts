import type { ByteRange } from '../../core/ByteRange.ts'

const MOST_RANGES = 1000

/**
 * Reads a `Range` header as RFC 9110 section 14.1.2 says.
 *
 * @param header value of `Range`, or null
 * @param size bytes of the whole representation
 * @returns `all` when the header is absent or is to be ignored (another unit, nonsense); `none` when no range
 *   can be satisfied (416); else the ranges in the order asked for, clamped to `size`
 * @example parseRanges('bytes=0-0,-2', 10) // [{ start: 0, end: 1 }, { start: 8, end: 10 }]
 */
export function parseRanges(header: string | null, size: number): ByteRange[] | 'all' | 'none' {
  const list = /^bytes=(.+)$/i.exec(header?.trim() ?? '')?.[1]
  if (list === undefined) return 'all'
  const specs = list.split(',', MOST_RANGES + 1)
  if (specs.length > MOST_RANGES) return 'all'
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const match = /^\s*(\d*)-(\d*)\s*$/.exec(spec)
    if (match === null) return 'all'
    const [, first, last] = match as unknown as [string, string, string]
    if (first === '' && last === '') return 'all'
    const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
    const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
    if (first !== '' && last !== '' && Number(last) < start) return 'all'
    if (start < end) ranges.push({ start, end })
  }
  return ranges.length === 0 ? 'none' : ranges
}
