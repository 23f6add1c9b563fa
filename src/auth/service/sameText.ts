/**
 * Compares two texts of public length (digests, signatures) without telling by its duration where they differ.
 * Neither browsers nor the standard library of every runtime have such a comparison.
 */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let at = 0; at < a.length; at += 1) {
    difference |= a.charCodeAt(at) ^ b.charCodeAt(at % (b.length || 1))
  }
  return difference === 0
}
