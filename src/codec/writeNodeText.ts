const hexDigits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * Writes one line of a node's text: printed hash, ` : `, decimal length, newline, all ASCII. Written byte by
 * byte into a buffer that is used again, since a file of 6 GB has a hundred thousand of these lines.
 *
 * @param text where to write; 84 bytes must be free from `at`
 * @param at offset of the line in `text`
 * @param hashes raw hashes, one after another
 * @param from offset of the child's hash in `hashes`
 * @param length the child's length in bytes, a safe integer
 * @returns the offset after the line
 * @see Xet protocol, section on hashing, "node hash"
 */
export function writeNodeText(
  text: Uint8Array,
  at: number,
  hashes: Uint8Array,
  from: number,
  length: number,
): number {
  for (let index = 0; index < 32; index++) {
    const byte = hashes[from + (index ^ 7)]!
    text[at++] = hexDigits[byte >> 4]!
    text[at++] = hexDigits[byte & 15]!
  }
  text[at++] = 0x20
  text[at++] = 0x3a
  text[at++] = 0x20
  const decimal = String(length)
  for (let index = 0; index < decimal.length; index++) text[at++] = decimal.charCodeAt(index)
  text[at++] = 0x0a
  return at
}
