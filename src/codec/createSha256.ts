import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { createSHA256 } from 'hash-wasm'
import type { Sha256 } from './Sha256.ts'

/**
 * Starts a SHA-256 that takes its input in parts, which Web Crypto cannot. WebAssembly where the page may run
 * it, else plain JavaScript with the same result.
 *
 * @param create makes the WebAssembly hash; a parameter so that a refusal can be tested
 * @example
 * const sha = await createSha256()
 * for await (const part of body) sha.update(part)
 * if (sha.hex() !== info.sha256) throw new FerryError('integrity', …)
 */
export async function createSha256(create: typeof createSHA256 = createSHA256): Promise<Sha256> {
  try {
    const hash = (await create()).init()
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
  } catch {
    // Refused by Content-Security-Policy, or no WebAssembly at all.
    const hash = sha256.create()
    return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) }
  }
}
