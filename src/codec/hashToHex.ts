const byteToHex: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/**
 * The printed form of a Xet hash: four groups of 8 bytes, each as a little-endian u64 in 16 lower-case
 * digits, so the bytes of every group come out in reverse. Never use it for a SHA-256.
 *
 * @param hash 32 raw bytes
 * @example hashToHex(Uint8Array.from({ length: 32 }, (_, i) => i)) // '0706050403020100' + '0f0e0d…'
 * @see Xet protocol, section on hashing, "Hex form"
 */
export function hashToHex(hash: Uint8Array): string {
  let hex = ''
  for (let group = 0; group < 32; group += 8) {
    for (let at = group + 7; at >= group; at--) hex += byteToHex[hash[at]!]
  }
  return hex
}
