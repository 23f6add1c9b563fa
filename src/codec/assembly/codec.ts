// The inner loops of the codec in AssemblyScript; `npm run wasm` compiles them into ../codec-wasm.json. The caller
// supplies all addresses, see `codecLayout` in ../wasm.ts. Memory below 16384 belongs to the module.
export { blake3 } from './blake3'
export { sha256 } from './sha256'

/** Copies 16 bytes at a time, and up to 15 bytes too many; `to` is 16 or more after `from`, or before it. */
function copy(from: usize, to: usize, end: usize): void {
  for (; to < end; to += 16, from += 16) v128.store(to, v128.load(from))
}

/**
 * Decodes one LZ4 block. It may read up to 15 bytes past `end` and write up to 15 bytes past `limit`, so that many
 * bytes must be free after each.
 *
 * @param from address of the block
 * @param end address after its last byte
 * @param at address of the output
 * @param limit address after the last byte that it may write
 * @param floor lowest address that a match may read
 * @returns the address after the last byte written, or 0 when the block is malformed
 * @see LZ4 block format description
 */
export function lz4(from: usize, end: usize, at: usize, limit: usize, floor: usize): usize {
  while (from < end) {
    const token: usize = load<u8>(from++)
    let more: usize
    let length = token >> 4
    if (length == 15) {
      do {
        if (from == end) return 0
        more = load<u8>(from++)
        length += more
      } while (more == 255)
    }
    if (length > end - from || length > limit - at) return 0
    copy(from, at, at + length)
    from += length
    at += length
    if (from == end) return at

    if (end - from < 2) return 0
    const offset: usize = load<u16>(from)
    from += 2
    if (offset == 0 || offset > at - floor) return 0
    length = (token & 15) + 4
    if (length == 19) {
      do {
        if (from == end) return 0
        more = load<u8>(from++)
        length += more
      } while (more == 255)
    }
    if (length > limit - at) return 0
    const stop = at + length
    let source = at - offset
    if (offset < 16) {
      // Byte by byte until the pattern fills 16 bytes. From then on a multiple of the offset is at least 16.
      const wide = at + 16
      while (at < wide) store<u8>(at++, load<u8>(source++))
      source = at - offset * (15 / offset + 1)
    }
    copy(source, at, stop)
    at = stop
  }
  return 0
}

/**
 * Undoes byte grouping by four, 16 bytes of each group at a time. Reads up to 16 bytes past its input and
 * writes up to 64 past its output.
 *
 * @param from address of the grouped bytes
 * @param to address of the output, which must not overlap
 * @param length bytes
 * @see Xet protocol, section on byte grouping
 */
export function ungroup(from: usize, to: usize, length: usize): void {
  const quarter = length >> 2
  const rest = length & 3
  const second = from + quarter + usize(rest > 0)
  const third = second + quarter + usize(rest > 1)
  const fourth = third + quarter + usize(rest > 2)
  // If a quarter is a multiple of 16, one more round handles the last one to three bytes.
  for (let i: usize = 0; i <= quarter; i += 16) {
    const a = v128.load(from + i)
    const b = v128.load(second + i)
    const c = v128.load(third + i)
    const d = v128.load(fourth + i)
    const lowAb = i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
    const lowCd = i8x16.shuffle(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
    const highAb = i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    const highCd = i8x16.shuffle(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    v128.store(to, i16x8.shuffle(lowAb, lowCd, 0, 8, 1, 9, 2, 10, 3, 11))
    v128.store(to, i16x8.shuffle(lowAb, lowCd, 4, 12, 5, 13, 6, 14, 7, 15), 16)
    v128.store(to, i16x8.shuffle(highAb, highCd, 0, 8, 1, 9, 2, 10, 3, 11), 32)
    v128.store(to, i16x8.shuffle(highAb, highCd, 4, 12, 5, 13, 6, 14, 7, 15), 48)
    to += 64
  }
}
