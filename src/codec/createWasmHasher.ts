import type { Codec } from './Codec.ts'
import { codecRoom } from './codecRoom.ts'
import { createPlainHasher } from './createPlainHasher.ts'
import { decodeLz4Block } from './decodeLz4Block.ts'
import { decodeLz4Frame } from './decodeLz4Frame.ts'
import type { Hasher } from './Hasher.ts'
import { hashKeys } from './hashKeys.ts'
import type { Lz4Block } from './Lz4Block.ts'

const LONGEST_CHUNK = 131_072

/**
 * A {@link Hasher} in WebAssembly. A chunk is unpacked and hashed where it lies in the codec's memory.
 *
 * @param codec from `openCodec`; nobody else may use it
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
    // What is wrong with a malformed block is for the plain decoder to say.
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
    // Only the hashes of a very long run of chunks are more than a chunk.
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
