import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Digest } from './Digest.ts'
import { hexOf } from './hexOf.ts'

/** SHA-256 of a token. Tokens are long random texts, so that a fast hash hides them. */
export function digestOf(token: string): Digest {
  const bytes = sha256(asciiBytes(token) ?? utf8ToBytes(token))
  return { bytes, hex: hexOf(bytes) }
}

/** The bytes of plain ASCII, as all tokens are; an encoder takes half as long as the hash for so few. */
function asciiBytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return null
    bytes[index] = code
  }
  return bytes
}
