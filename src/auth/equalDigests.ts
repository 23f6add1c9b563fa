/**
 * Compares two digests of 32 bytes in a time that does not depend on what they hold: browsers have no function
 * for it.
 */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  let difference = (a.length ^ 32) | (b.length ^ 32)
  for (let index = 0; index < 32; index++) difference |= a[index]! ^ b[index]!
  return difference === 0
}
