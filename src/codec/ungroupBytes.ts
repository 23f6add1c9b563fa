/**
 * Undoes byte grouping by four: the grouped form has all bytes of index 0, 4, 8, … first, then those of
 * index 1, 5, 9, … and so on, which makes tables of 32-bit numbers compress better.
 *
 * @param grouped the grouped bytes
 * @param output takes the bytes in their order; same length as `grouped`, and not the same memory
 * @example ungroupBytes(Uint8Array.of(0, 4, 1, 2, 3), output) // 0 1 2 3 4
 * @see Xet protocol, section on byte grouping
 */
export function ungroupBytes(grouped: Uint8Array, output: Uint8Array): void {
  const length = grouped.length
  const quarter = length >> 2
  const rest = length & 3
  const second = quarter + (rest > 0 ? 1 : 0)
  const third = second + quarter + (rest > 1 ? 1 : 0)
  const fourth = third + quarter + (rest > 2 ? 1 : 0)
  // One write of four bytes is half again as fast as four writes of one (Node 20).
  const words = new DataView(output.buffer, output.byteOffset, length)
  for (let index = 0; index < quarter; index++) {
    const low = grouped[index]! | (grouped[second + index]! << 8)
    const high = grouped[third + index]! | (grouped[fourth + index]! << 8)
    words.setUint32(index << 2, low | (high << 16), true)
  }
  const starts = [0, second, third]
  for (let group = 0; group < rest; group++) {
    output[(quarter << 2) + group] = grouped[starts[group]! + quarter]!
  }
}
