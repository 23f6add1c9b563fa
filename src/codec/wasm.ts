// Made from assembly/ by `npm run wasm`.
import codecWasm from './codec-wasm.json'

/** One instance of the codec in WebAssembly, with its own memory. Addresses are in {@link codecLayout}. */
export interface Codec {
  readonly memory: WebAssembly.Memory
  /** Keyed BLAKE3 of up to 131,072 bytes, sets the 64 bytes after them to 0; returns the address of the hash. */
  blake3(key: number, from: number, length: number): number
  /** Decodes one LZ4 block; returns the address after its last byte, or 0 when it is malformed. */
  lz4(from: number, end: number, at: number, limit: number, floor: number): number
  /** Updates the eight words at `state` with blocks of 64 bytes. */
  sha256(state: number, constants: number, from: number, blocks: number): void
  /** Undoes byte grouping by four. */
  ungroup(from: number, to: number, length: number): void
}

/**
 * The module from its text: gzip finds the repetitions of whole characters, and makes less of it than of hexadecimal digits.
 * Most bytes are one character: seven more than the byte, less than 88, from `$` on. A `}` or `~` before it adds 88 or 176.
 */
function unpacked(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    text.match(/[}~]?./g)!,
    (code) => code.at(-1)!.charCodeAt(0) + 45 + 88 * '}~'.indexOf(code[0]!),
  )
}

/** Cached, because engines optimise a module while it runs. */
let compiled: WebAssembly.Module | undefined

/**
 * Makes an instance of the codec in WebAssembly.
 *
 * @throws WebAssembly.CompileError when a Content-Security-Policy refuses WebAssembly or the browser has no vector
 * instructions (before Safari 16.4), ReferenceError without WebAssembly, RangeError when memory is short
 */
export async function openCodec(): Promise<Codec> {
  compiled ??= await WebAssembly.compile(unpacked(codecWasm))
  const { exports } = await WebAssembly.instantiate(compiled)
  return exports as unknown as Codec
}

/**
 * Layout of a {@link Codec}'s memory, as addresses. Vector instructions reach past the end of their input, so 64
 * bytes are free after each large area. Memory below the first address belongs to the module.
 */
export const codecLayout: Readonly<
  Record<'keys' | 'state' | 'constants' | 'input' | 'grouped' | 'output', number>
> = {
  /** Four keys of 32 bytes. */
  keys: 16_384,
  state: 16_512,
  constants: 16_544,
  /** 262,144 bytes: the longest payload of a chunk record. */
  input: 16_896,
  /** 131,072 bytes: the longest chunk, its bytes still grouped. */
  grouped: 279_104,
  /** 131,072 bytes: the longest chunk. */
  output: 410_240,
}
