const digits: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * Bytes as lower-case hex digits. Made in one piece: a text put together from pairs has to be copied again when
 * it is looked up or cut, which every digest of a token is.
 *
 * @param bytes a few hundred at most
 */
export function hexOf(bytes: Uint8Array): string {
  const codes: number[] = []
  for (const byte of bytes) codes.push(digits[byte >> 4]!, digits[byte & 15]!)
  return String.fromCharCode(...codes)
}
