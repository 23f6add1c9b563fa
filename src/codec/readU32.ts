/**
 * An unsigned 32-bit number, low byte first. The caller has made sure that four bytes are there.
 *
 * @param bytes where to read
 * @param at offset of the low byte
 */
export function readU32(bytes: Uint8Array, at: number): number {
  const high = bytes[at + 3]! << 24
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | high) >>> 0
}
