import { createBLAKE3 } from 'hash-wasm'
import { createPlainHasher } from './createPlainHasher.ts'
import type { Hasher } from './Hasher.ts'
import { hashKeys } from './hashKeys.ts'

/**
 * Makes a {@link Hasher}: WebAssembly where the page may run it, else plain JavaScript with the same results.
 *
 * @param createKeyed makes one keyed BLAKE3; a parameter so that a refusal can be tested
 * @example
 * const hasher = await createHasher()
 * hashToHex(hasher.chunk(bytes))
 */
export async function createHasher(
  createKeyed: typeof createBLAKE3 = createBLAKE3,
): Promise<Hasher> {
  const keyed = async (
    key: Uint8Array,
  ): Promise<(bytes: Uint8Array) => Uint8Array<ArrayBuffer>> => {
    const instance = await createKeyed(256, key)
    return (bytes) => instance.init().update(bytes).digest('binary') as Uint8Array<ArrayBuffer>
  }
  try {
    const [chunk, node, file, range] = await Promise.all([
      keyed(hashKeys.chunk),
      keyed(hashKeys.node),
      keyed(hashKeys.file),
      keyed(hashKeys.range),
    ])
    return { chunk, node, file, range }
  } catch {
    // Refused by Content-Security-Policy, or no WebAssembly at all: slower, and no less correct.
    return createPlainHasher()
  }
}
