import { readU32 } from './readU32.ts'

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

const round = (lane: number, input: number): number =>
  Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1)

/**
 * xxHash with 32 bits and seed 0, the checksum of LZ4 frames.
 *
 * @param bytes what to sum up
 * @returns an unsigned 32-bit number
 * @see xxHash specification, "XXH32 algorithm description"
 */
export function xxh32(bytes: Uint8Array): number {
  const end = bytes.length
  let at = 0
  let sum: number
  if (end >= 16) {
    let one = (PRIME_1 + PRIME_2) | 0
    let two = PRIME_2 | 0
    let three = 0
    let four = -PRIME_1 | 0
    for (; at + 16 <= end; at += 16) {
      one = round(one, readU32(bytes, at))
      two = round(two, readU32(bytes, at + 4))
      three = round(three, readU32(bytes, at + 8))
      four = round(four, readU32(bytes, at + 12))
    }
    sum = (rotate(one, 1) + rotate(two, 7) + rotate(three, 12) + rotate(four, 18)) | 0
  } else {
    sum = PRIME_5
  }
  sum = (sum + end) | 0
  for (; at + 4 <= end; at += 4) {
    sum = Math.imul(rotate((sum + Math.imul(readU32(bytes, at), PRIME_3)) | 0, 17), PRIME_4)
  }
  for (; at < end; at++) {
    sum = Math.imul(rotate((sum + Math.imul(bytes[at]!, PRIME_5)) | 0, 11), PRIME_1)
  }
  sum = Math.imul(sum ^ (sum >>> 15), PRIME_2)
  sum = Math.imul(sum ^ (sum >>> 13), PRIME_3)
  return (sum ^ (sum >>> 16)) >>> 0
}
