import { createPlainHasher } from './createPlainHasher.ts'
import { createWasmHasher } from './createWasmHasher.ts'
import type { Hasher } from './Hasher.ts'
import { openCodec } from './openCodec.ts'

/**
 * Makes a {@link Hasher}: WebAssembly where the page may run it, else plain JavaScript with the same results.
 *
 * @param open makes the WebAssembly instance; a parameter so that a refusal can be tested
 * @example
 * const hasher = await createHasher()
 * hashToHex(hasher.chunk(bytes))
 */
export async function createHasher(open: typeof openCodec = openCodec): Promise<Hasher> {
  try {
    return createWasmHasher(await open())
  } catch {
    // Refused by Content-Security-Policy, or no WebAssembly at all: slower, and no less correct.
    return createPlainHasher()
  }
}
