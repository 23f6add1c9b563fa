import { decodeChunkPayload, longestChunk, type Hasher } from './chunk-record.ts'
import { decodeLz4Block, decodeLz4Frame, type Lz4Block } from './lz4.ts'
import { codecLayout, openCodec, type Codec } from './wasm.ts'
import { hashKeys } from './xet-hash.ts'
import { sha256Start } from './sha256.ts'

/**
 * A {@link Hasher} in plain JavaScript, several times slower than the WebAssembly one: for pages whose
 * Content-Security-Policy lacks `wasm-unsafe-eval`.
 */
export function createPlainHasher(): Hasher {
  const { chunk, node, file, range } = hashKeys
  return {
    chunk: (bytes) => plainBlake3(bytes, chunk),
    node: (text) => plainBlake3(text, node),
    file: (root) => plainBlake3(root, file),
    range: (hashes) => plainBlake3(hashes, range),
    unpack(header, payload) {
      const bytes = decodeChunkPayload(header, payload)
      return { bytes, hash: plainBlake3(bytes, chunk) }
    },
  }
}

/**
 * A {@link Hasher} in WebAssembly. A chunk is decoded and hashed in the codec's memory.
 *
 * @param codec from `openCodec`; used only by this hasher
 */
export function createWasmHasher(codec: Codec): Hasher {
  const { input, grouped, output } = codecLayout
  const plain = createPlainHasher()
  const memory = new Uint8Array(codec.memory.buffer)

  const unpackBlock = (block: Lz4Block): number => {
    const source = block.input.byteOffset
    const target = block.output.byteOffset
    const { from, end, at, limit, floor } = block
    const last = codec.lz4(source + from, source + end, target + at, target + limit, target + floor)
    // For a malformed block, the plain decoder throws the exact error.
    return last === 0 ? decodeLz4Block(block) : last - target
  }

  const kinds = ['chunk', 'node', 'file', 'range'] as const
  const digests = kinds.map((kind, index) => {
    const key = codecLayout.keys + 32 * index
    memory.set(hashKeys[kind], key)
    return (length: number): Uint8Array<ArrayBuffer> => {
      const at = codec.blake3(key, output, length)
      return memory.slice(at, at + 32)
    }
  })
  const [chunk, node, file, range] = kinds.map((kind, index) => (bytes: Uint8Array) => {
    // Only the concatenated hashes of a very long run of chunks exceed the length of a chunk.
    if (bytes.length > longestChunk) return plain[kind](bytes)
    memory.set(bytes, output)
    return digests[index]!(bytes.length)
  }) as [Hasher['chunk'], Hasher['node'], Hasher['file'], Hasher['range']]

  return {
    chunk,
    node,
    file,
    range,
    unpack({ scheme, storedLength, length }, payload) {
      const chunkAt = memory.subarray(output, output + length)
      if (scheme === 0) {
        chunkAt.set(payload)
      } else {
        const frame = memory.subarray(input, input + storedLength)
        frame.set(payload)
        if (scheme === 1) {
          decodeLz4Frame(frame, chunkAt, unpackBlock)
        } else {
          decodeLz4Frame(frame, memory.subarray(grouped, grouped + length), unpackBlock)
          codec.ungroup(grouped, output, length)
        }
      }
      return { bytes: chunkAt, hash: digests[0]!(length) }
    },
  }
}

/**
 * Makes a {@link Hasher}: in WebAssembly when the page allows it, else in plain JavaScript with the same results.
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
    // Refused by the Content-Security-Policy, or no WebAssembly: slower, with the same results.
    return createPlainHasher()
  }
}

const CHUNK_START = 1
const CHUNK_END = 2
const PARENT = 4
const ROOT = 8
const KEYED = 16
const CHUNK = 1024

/** The permutation of the message words between two rounds. */
const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
/** The order of the message words in the seven rounds, one round after another. */
const order = new Uint8Array(7 * 16)
for (let at = 0; at < order.length; at++) {
  order[at] = at < 16 ? at : order[at - (at % 16) - 16 + permutation[at % 16]!]!
}

/** The state of the block in progress, sixteen words. */
const state = new Int32Array(16)
const start = new Int32Array(sha256Start.buffer, 0, 4)

/** Mixes two message words into four words of the state; `a` to `d` are indexes. */
function mix(a: number, b: number, c: number, d: number, one: number, two: number): void {
  let va = (state[a]! + state[b]! + one) | 0
  let vd = state[d]! ^ va
  vd = (vd >>> 16) | (vd << 16)
  let vc = (state[c]! + vd) | 0
  let vb = state[b]! ^ vc
  vb = (vb >>> 12) | (vb << 20)
  va = (va + vb + two) | 0
  vd ^= va
  vd = (vd >>> 8) | (vd << 24)
  vc = (vc + vd) | 0
  vb ^= vc
  state[a] = va
  state[b] = (vb >>> 7) | (vb << 25)
  state[c] = vc
  state[d] = vd
}

/** Compresses one block into the eight words of the chaining value. */
function compress(
  chain: Int32Array,
  words: Int32Array,
  counter: number,
  length: number,
  flags: number,
): void {
  state.set(chain)
  state.set(start, 8)
  state[12] = counter
  state[13] = 0
  state[14] = length
  state[15] = flags
  for (let at = 0; at < order.length; at += 2) {
    const column = (at >> 1) & 3
    // Four columns, then four diagonals.
    const shift = (at >> 3) & 1
    const b = 4 + ((column + shift) & 3)
    const c = 8 + ((column + 2 * shift) & 3)
    const d = 12 + ((column + 3 * shift) & 3)
    mix(column, b, c, d, words[order[at]!]!, words[order[at + 1]!]!)
  }
  for (let index = 0; index < 8; index++) chain[index] = state[index]! ^ state[index + 8]!
}

/**
 * Keyed BLAKE3 in plain JavaScript.
 *
 * @param bytes of any length
 * @param key 32 bytes
 * @returns 32 bytes
 * @see the BLAKE3 paper, section 2
 */
function plainBlake3(bytes: Uint8Array, key: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const keyWords = new Int32Array(key.slice().buffer)
  const block = new Uint8Array(64)
  const words = new Int32Array(block.buffer)

  const chunkChain = (from: number, end: number, root: number): Int32Array<ArrayBuffer> => {
    const chain = keyWords.slice()
    let flags = KEYED | CHUNK_START
    for (let at = from; ; at += 64) {
      const part = bytes.subarray(at, Math.min(at + 64, end))
      const last = at + 64 >= end
      if (last) {
        flags |= CHUNK_END | root
        block.fill(0)
      }
      block.set(part)
      compress(chain, words, from / CHUNK, part.length, flags)
      if (last) return chain
      flags = KEYED
    }
  }

  const treeChain = (from: number, end: number, root: number): Int32Array<ArrayBuffer> => {
    if (end - from <= CHUNK) return chunkChain(from, end, root)
    // The left subtree has the largest power of two of chunks that leaves at least one byte for the right.
    let left = CHUNK
    while (left * 2 < end - from) left *= 2
    const pair = new Int32Array(16)
    pair.set(treeChain(from, from + left, 0))
    pair.set(treeChain(from + left, end, 0), 8)
    const chain = keyWords.slice()
    compress(chain, pair, 0, 64, KEYED | PARENT | root)
    return chain
  }

  return new Uint8Array(treeChain(0, bytes.length, ROOT).buffer)
}
