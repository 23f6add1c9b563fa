import type { FerryError } from '../core/FerryError.ts'
import type { Descriptor } from './Descriptor.ts'
import type { Run } from './Run.ts'

/** A chunk record is a header of 8 bytes and 1 byte to 256 KiB of payload. */
const minRecord = 9
const maxRecord = 8 + 262_144

type Fault = (field: string, why: string) => FerryError

/**
 * Checks that descriptors could be true: as many bytes as their chunks can have, chunks and bytes in the
 * same order within a xorb, and every run within one descriptor.
 *
 * @param fault makes the error to throw
 * @returns the descriptors that hold a run, one for each
 */
export function checkDescriptors(
  descriptors: readonly Descriptor[],
  runs: readonly Run[],
  fault: Fault,
): Set<Descriptor> {
  const xorbs = new Map<string, Descriptor[]>()
  for (const descriptor of descriptors) {
    checkLength(descriptor, fault)
    const ranges = xorbs.get(descriptor.xorb)
    if (ranges === undefined) xorbs.set(descriptor.xorb, [descriptor])
    else ranges.push(descriptor)
  }
  const furthest = new Map([...xorbs].map(([xorb, ranges]) => [xorb, inOrder(xorb, ranges, fault)]))
  return new Set(
    runs.map(({ xorb, chunks }, index) => {
      const holder = lastStartingBy(furthest.get(xorb) ?? [], chunks.start)
      if (holder === undefined || holder.descriptor.chunks.end < chunks.end) {
        throw fault(`terms.${index}.range`, 'is in no range of its xorb')
      }
      return holder.descriptor
    }),
  )
}

function checkLength({ xorb, chunks, bytes }: Descriptor, fault: Fault): void {
  const count = chunks.end - chunks.start
  const length = bytes.end - bytes.start
  if (
    !Number.isSafeInteger(bytes.end) ||
    length < count * minRecord ||
    length > count * maxRecord
  ) {
    throw fault(`xorbs.${xorb}`, `gives ${length} bytes to ${count} chunks`)
  }
}

interface Reach {
  readonly start: number
  /** Of all that start no later than this, the one that reaches furthest. */
  readonly descriptor: Descriptor
}

function inOrder(xorb: string, ranges: Descriptor[], fault: Fault): Reach[] {
  ranges.sort((a, b) => a.chunks.start - b.chunks.start || a.chunks.end - b.chunks.end)
  let previous: Descriptor | undefined
  let reach: Descriptor | undefined
  return ranges.map((next) => {
    if (previous !== undefined && !agree(previous, next)) {
      throw fault(`xorbs.${xorb}`, 'has ranges that overlap in chunks or bytes but not in both')
    }
    previous = next
    reach = reach !== undefined && reach.chunks.end >= next.chunks.end ? reach : next
    return { start: next.chunks.start, descriptor: reach }
  })
}

/** Chunks of a xorb lie one after the other, so chunk and byte ranges are ordered alike. */
function agree(previous: Descriptor, next: Descriptor): boolean {
  return previous.chunks.end <= next.chunks.start
    ? previous.bytes.end <= next.bytes.start
    : previous.bytes.start <= next.bytes.start && next.bytes.start < previous.bytes.end
}

/** Binary search: an answer may hold a hundred thousand ranges. */
function lastStartingBy(reaches: readonly Reach[], start: number): Reach | undefined {
  let low = 0
  let high = reaches.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((reaches[middle]?.start ?? 0) <= start) low = middle + 1
    else high = middle
  }
  return reaches[low - 1]
}
