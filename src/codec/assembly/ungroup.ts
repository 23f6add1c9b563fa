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
