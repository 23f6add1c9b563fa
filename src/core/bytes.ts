/** A run of bytes (or chunks): `start` inclusive, `end` exclusive, both safe integers, `start <= end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * A set of byte positions stored as sorted, disjoint, non-touching ranges.
 *
 * @example
 * const held = new ByteSet()
 * held.add({ start: 0, end: 10 })
 * held.endFrom(3) // 10: everything from 3 up to 10 is in the set
 */
export class ByteSet {
  #ranges: ByteRange[] = []

  /** @param ranges initial ranges, in any order, overlapping or not */
  constructor(ranges: Iterable<ByteRange> = []) {
    for (const range of ranges) this.add(range)
  }

  get ranges(): readonly ByteRange[] {
    return this.#ranges
  }

  /** Number of positions in the set. */
  get size(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  }

  add(range: ByteRange): void {
    if (range.end <= range.start) return
    let { start, end } = range
    const apart: ByteRange[] = []
    for (const other of this.#ranges) {
      if (other.end < start || other.start > end) apart.push(other)
      else {
        start = Math.min(start, other.start)
        end = Math.max(end, other.end)
      }
    }
    apart.push({ start, end })
    this.#ranges = apart.toSorted((a, b) => a.start - b.start)
  }

  delete(range: ByteRange): void {
    if (range.end <= range.start) return
    this.#ranges = this.#ranges
      .flatMap(({ start, end }) => [
        { start, end: Math.min(end, range.start) },
        { start: Math.max(start, range.end), end },
      ])
      .filter(({ start, end }) => start < end)
  }

  /** Whether every position of `range` is in the set; true for an empty range. */
  covers(range: ByteRange): boolean {
    return range.end <= range.start || this.endFrom(range.start) >= range.end
  }

  /** End of the contiguous range that begins at `position`; `position` itself when it is not in the set. */
  endFrom(position: number): number {
    return (
      this.#ranges.find(({ start, end }) => start <= position && position < end)?.end ?? position
    )
  }

  /** The parts of `within` that are not in the set. */
  missing(within: ByteRange): ByteRange[] {
    const gaps: ByteRange[] = []
    let at = within.start
    for (const { start, end } of this.#ranges) {
      if (start >= within.end) break
      if (start > at) gaps.push({ start: at, end: start })
      at = Math.max(at, end)
    }
    if (at < within.end) gaps.push({ start: at, end: within.end })
    return gaps
  }
}

/** The part of a file that a `Range` header requests: the whole file, one range, or a range outside of it. */
export type RequestedRange = ByteRange | 'whole' | 'unsatisfiable'

/**
 * Parses a `Range` header as a server may (RFC 9110, section 14.2): single ranges are honoured and clamped, suffix
 * ranges count from the end. Everything else (other units, several ranges, malformed text) is ignored, which means
 * the whole file.
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

/** The values of a `Content-Range` field. */
export interface ContentRange extends Partial<ByteRange> {
  /** Bytes of the whole; absent: unknown. */
  readonly total?: number
}

/**
 * Parses a `Content-Range` field (RFC 9110, section 14.4).
 *
 * @returns without `start` and `end` for a refused range; null when there is no field, undefined when it is malformed
 * @example contentRange('bytes 0-9/2000') // { start: 0, end: 10, total: 2000 }
 */
export function contentRange(header: string | null): ContentRange | null | undefined {
  if (header === null) return null
  const [field, start, last, size] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d{1,16}|\*)$/i.exec(header) ?? []
  if (field === undefined) return undefined
  const total = Number(size)
  return {
    ...(start && { start: Number(start), end: Number(last) + 1 }),
    ...(Number.isSafeInteger(total) && { total }),
  }
}

/** Whether two ranges share a byte. */
export function overlaps(a: ByteRange, b: ByteRange): boolean {
  return Math.max(a.start, b.start) < Math.min(a.end, b.end)
}

/** Bytes as lower-case hex digits, two for each. */
export function hexOf(bytes: ArrayBuffer | Uint8Array): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The bytes of hex digits, two for each; the inverse of {@link hexOf}. */
export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
