import { plainBlake3 } from './blake3.ts'
import { decodeChunkPayload, type Hasher } from './chunk-record.ts'
import { decodeLz4Block, decodeLz4Frame, type Lz4Block } from './lz4.ts'
import { codecRoom, openCodec, type Codec } from './wasm.ts'
import { hashKeys } from './xet-hash.ts'

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

const LONGEST_CHUNK = 131_072

/**
 * A {@link Hasher} in WebAssembly. A chunk is decoded and hashed in the codec's memory.
 *
 * @param codec from `openCodec`; used only by this hasher
 */
export function createWasmHasher(codec: Codec): Hasher {
  const { input, grouped, output } = codecRoom
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
    const key = codecRoom.keys + 32 * index
    memory.set(hashKeys[kind], key)
    return (length: number): Uint8Array<ArrayBuffer> => {
      const at = codec.blake3(key, output, length)
      return memory.slice(at, at + 32)
    }
  })
  const [chunk, node, file, range] = kinds.map((kind, index) => (bytes: Uint8Array) => {
    // Only the concatenated hashes of a very long run of chunks exceed the length of a chunk.
    if (bytes.length > LONGEST_CHUNK) return plain[kind](bytes)
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
      return { bytes: chunkAt.slice(), hash: digests[0]!(length) }
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
