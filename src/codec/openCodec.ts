import type { Codec } from './Codec.ts'
import { codecWasm } from './codecWasm.ts'

/**
 * Makes an instance of the codec in WebAssembly.
 *
 * @throws WebAssembly.CompileError where a Content-Security-Policy refuses WebAssembly or the browser has no
 *   vectors in it (before Safari 16.4), ReferenceError where there is no WebAssembly, RangeError when memory
 *   is short
 */
export async function openCodec(): Promise<Codec> {
  const bytes = Uint8Array.from(codecWasm.match(/../g)!, (digits) => Number.parseInt(digits, 16))
  const { instance } = await WebAssembly.instantiate(bytes)
  return instance.exports as unknown as Codec
}
