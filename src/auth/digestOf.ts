import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Digest } from './Digest.ts'

/** SHA-256 of a token. Tokens are long random texts, so that a fast hash hides them. */
export function digestOf(token: string): Digest {
  const bytes = sha256(utf8ToBytes(token))
  return { bytes, hex: bytesToHex(bytes) }
}
