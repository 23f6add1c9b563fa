import type { ByteRange } from './ByteRange.ts'

/**
 * A set of byte positions kept as sorted, disjoint, non-touching ranges.
 *
 * @example
 * const held = new ByteSet()
 * held.add({ start: 0, end: 10 })
 * held.endFrom(3) // 10: everything from 3 up to 10 is in the set
 */
export class ByteSet {
  #ranges: ByteRange[] = []

  /** @param ranges to begin with, in any order, overlapping or not */
  constructor(ranges: Iterable<ByteRange> = []) {
    for (const range of ranges) this.add(range)
  }

  get ranges(): readonly ByteRange[] {
    return this.#ranges
  }

  /** How many positions are in the set. */
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

  /** End of the unbroken stretch that begins at `position`; `position` itself when it is not in the set. */
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
