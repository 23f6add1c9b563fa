import { sha256Start } from './sha256.ts'

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
export function plainBlake3(
  bytes: Uint8Array,
  key: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
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
