import { sha256Rounds } from './sha256Rounds.ts'

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/**
 * Takes whole blocks into a SHA-256, in plain JavaScript.
 *
 * @param state the eight words of the hash so far; changed
 * @param input holds the blocks, from its start
 * @param blocks of 64 bytes
 * @see FIPS 180-4, section 6.2.2
 */
export function plainSha256(state: Uint32Array, input: Uint8Array, blocks: number): void {
  const view = new DataView(input.buffer, input.byteOffset)
  const words = new Int32Array(64)
  for (let block = 0; block < blocks; block++) {
    for (let at = 0; at < 16; at++) words[at] = view.getInt32(block * 64 + at * 4)
    for (let at = 16; at < 64; at++) {
      const x = words[at - 15]!
      const y = words[at - 2]!
      const low = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
      const high = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
      words[at] = words[at - 16]! + words[at - 7]! + low + high
    }
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let e = state[4]!
    let f = state[5]!
    let g = state[6]!
    let h = state[7]!
    for (let at = 0; at < 64; at++) {
      const high = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      const low = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      const sum = (h + high + (g ^ (e & (f ^ g))) + sha256Rounds[at]! + words[at]!) | 0
      const most = (a & b) | (c & (a | b))
      h = g
      g = f
      f = e
      e = (d + sum) | 0
      d = c
      c = b
      b = a
      a = (sum + low + most) | 0
    }
    state[0]! += a
    state[1]! += b
    state[2]! += c
    state[3]! += d
    state[4]! += e
    state[5]! += f
    state[6]! += g
    state[7]! += h
  }
}
