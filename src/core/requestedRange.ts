import type { ByteRange } from './ByteRange.ts'

/** What a `Range` header asks of a file: all of it, one stretch, or something outside of it. */
export type RequestedRange = ByteRange | 'whole' | 'unsatisfiable'

/**
 * Reads a `Range` header the way a server may (RFC 9110, section 14.2): single ranges are honoured and
 * clamped, suffix ranges count from the end, and what is not understood (other units, several ranges,
 * malformed text) is ignored, which means the whole file.
 *
 * @param header value of `Range`; null or undefined: none was sent
 * @param size bytes of the file
 * @example requestedRange('bytes=-500', 2000) // { start: 1500, end: 2000 }
 */
export function requestedRange(header: string | null | undefined, size: number): RequestedRange {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '')
  if (!match) return 'whole'
  const [first, last] = [match[1] ?? '', match[2] ?? '']
  if (first === '') {
    if (last === '') return 'whole'
    const length = Number(last)
    return length === 0 || size === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, size - length), end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole'
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1) }
}
