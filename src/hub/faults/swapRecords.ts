import { findRecords } from './findRecords.ts'

/**
 * A body in which two chunk records have changed places.
 *
 * @param body whole records
 * @param first index of one
 * @param second index of the other, behind the first
 * @returns the same body when it has no such records
 */
export function swapRecords(
  body: Uint8Array<ArrayBuffer>,
  first: number,
  second: number,
): Uint8Array<ArrayBuffer> {
  const records = findRecords(body)
  const a = records[Math.min(first, second)]
  const b = records[Math.max(first, second)]
  if (a === undefined || b === undefined || a === b) return body
  const parts = [
    body.subarray(0, a.start),
    body.subarray(b.start, b.end),
    body.subarray(a.end, b.start),
    body.subarray(a.start, a.end),
    body.subarray(b.end),
  ]
  const swapped = new Uint8Array(body.byteLength)
  let at = 0
  for (const part of parts) {
    swapped.set(part, at)
    at += part.byteLength
  }
  return swapped
}
