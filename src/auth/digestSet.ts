import { hexToBytes } from '@noble/hashes/utils.js'
import type { Digest } from './Digest.ts'
import { equalDigests } from './equalDigests.ts'

/**
 * Says whether a digest is one of a set. The entry is found by a map, whose time may tell how a digest begins;
 * that helps nobody, because who sends tokens cannot steer their digests, and knows them anyway. Whether it is
 * equal is then found in constant time.
 *
 * @param digests 64 hex digits each
 */
export function digestSet(digests: readonly string[]): (digest: Digest) => boolean {
  const known = new Map(digests.map((hex) => [hex.toLowerCase(), hexToBytes(hex)]))
  const nothing = new Uint8Array(32)
  return ({ hex, bytes }) => {
    const found = known.get(hex)
    return equalDigests(found ?? nothing, bytes) && found !== undefined
  }
}
