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
