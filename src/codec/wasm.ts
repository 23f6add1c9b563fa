import { codecWasm } from './codecWasm.ts'

/** One instance of the codec in WebAssembly, with a memory of its own. Addresses are in {@link codecRoom}. */
export interface Codec {
  readonly memory: WebAssembly.Memory
  /** Keyed BLAKE3 of up to 131,072 bytes, behind which 64 are set to 0; returns where its 32 bytes stand. */
  blake3(key: number, from: number, length: number): number
  /** Unpacks one LZ4 block; returns the address behind its last byte, or 0 when it is malformed. */
  lz4(from: number, end: number, at: number, limit: number, floor: number): number
  /** Takes blocks of 64 bytes into the eight words at `state`. */
  sha256(state: number, constants: number, from: number, blocks: number): void
  /** Undoes byte grouping by four. */
  ungroup(from: number, to: number, length: number): void
}

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

/**
 * Who has which part of a {@link Codec}'s memory, as addresses. Vectors reach over the end of what they work
 * on, so 64 bytes are free behind each of the large parts. Below the first the module keeps its own.
 */
export const codecRoom: Readonly<
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
