import { sha256Start } from './sha256Start.ts'

const CHUNK_START = 1
const CHUNK_END = 2
const PARENT = 4
const ROOT = 8
const KEYED = 16
const CHUNK = 1024

/** In which order the next round takes the message words of this one. */
const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
/** The four words that each of a round's eight steps mixes: the columns, then the diagonals. */
const steps = ['048c', '159d', '26ae', '37bf', '05af', '16bc', '278d', '349e'].map((places) =>
  Array.from(places, (place) => Number.parseInt(place, 16)),
) as [number, number, number, number][]

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** The eight words that chain one block to the next. */
function compress(
  chain: ArrayLike<number>,
  message: Int32Array,
  counter: number,
  length: number,
  flags: number,
): Int32Array<ArrayBuffer> {
  const state = new Int32Array(16)
  state.set(chain)
  state.set(sha256Start.subarray(0, 4), 8)
  state[12] = counter
  state[14] = length
  state[15] = flags
  let words: ArrayLike<number> = message
  for (let round = 0; round < 7; round++) {
    let next = 0
    for (const [a, b, c, d] of steps) {
      let [va, vb, vc, vd] = [state[a]!, state[b]!, state[c]!, state[d]!]
      va = (va + vb + words[next++]!) | 0
      vd = rotate(vd ^ va, 16)
      vc = (vc + vd) | 0
      vb = rotate(vb ^ vc, 12)
      va = (va + vb + words[next++]!) | 0
      vd = rotate(vd ^ va, 8)
      vc = (vc + vd) | 0
      state[a] = va
      state[b] = rotate(vb ^ vc, 7)
      state[c] = vc
      state[d] = vd
    }
    const before = words
    words = permutation.map((from) => before[from]!)
  }
  return Int32Array.from({ length: 8 }, (_, index) => state[index]! ^ state[index + 8]!)
}

/**
 * Keyed BLAKE3 in plain JavaScript.
 *
 * @param bytes of any length
 * @param key 32 bytes
 * @returns 32 bytes
 * @see the BLAKE3 paper, section 2
 */
export function plainBlake3(
  bytes: Uint8Array,
  key: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const keyWords = new Int32Array(key.slice().buffer)

  const chunkChain = (from: number, end: number, root: number): Int32Array<ArrayBuffer> => {
    let chain = keyWords
    let flags = KEYED | CHUNK_START
    for (let at = from; ; at += 64) {
      const length = Math.min(64, end - at)
      const block = new Uint8Array(64)
      block.set(bytes.subarray(at, at + length))
      const last = at + 64 >= end
      if (last) flags |= CHUNK_END | root
      chain = compress(chain, new Int32Array(block.buffer), from / CHUNK, length, flags)
      if (last) return chain
      flags = KEYED
    }
  }

  const treeChain = (from: number, end: number, root: number): Int32Array<ArrayBuffer> => {
    if (end - from <= CHUNK) return chunkChain(from, end, root)
    // The left side is the largest power of two chunks that leaves something for the right.
    let left = CHUNK
    while (left * 2 < end - from) left *= 2
    const pair = new Int32Array(16)
    pair.set(treeChain(from, from + left, 0))
    pair.set(treeChain(from + left, end, 0), 8)
    return compress(keyWords, pair, 0, 64, KEYED | PARENT | root)
  }

  return new Uint8Array(treeChain(0, bytes.length, ROOT).buffer)
}
