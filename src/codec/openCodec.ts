import type { Codec } from './Codec.ts'
import { codecWasm } from './codecWasm.ts'

/** Kept, as engines make a module faster the longer it runs. */
let compiled: WebAssembly.Module | undefined

/**
 * Makes an instance of the codec in WebAssembly.
 *
 * @throws WebAssembly.CompileError where a Content-Security-Policy refuses WebAssembly or the browser has no
 *   vectors in it (before Safari 16.4), ReferenceError where there is no WebAssembly, RangeError when memory
 *   is short
 */
export async function openCodec(): Promise<Codec> {
  compiled ??= await WebAssembly.compile(
    Uint8Array.from(codecWasm.match(/../g)!, (digits) => Number.parseInt(digits, 16)),
  )
  const { exports } = await WebAssembly.instantiate(compiled)
  return exports as unknown as Codec
}
