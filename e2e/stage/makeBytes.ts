import type { Texture } from './Texture.ts'

/** Long enough for several consecutive chunks of one texture: a chunk is 64 KiB on average, 128 KiB at most. */
const STRETCH = 512 * 1024

/**
 * Deterministic bytes, in runs of half a megabyte with alternating textures.
 *
 * @param length in bytes, a multiple of 4
 * @param seed not 0; another seed gives other bytes
 */
export function makeBytes(length: number, seed: number, textures: readonly Texture[]): Uint8Array {
  const words = new Uint32Array(length / 4)
  const next = xorshift(seed)
  for (let start = 0, turn = 0; start < words.length; start += STRETCH / 4, turn++) {
    const fill = fills[textures[turn % textures.length] ?? 'noise']
    fill(words.subarray(start, start + STRETCH / 4), next)
  }
  return new Uint8Array(words.buffer)
}

type Fill = (words: Uint32Array, next: () => number) => void

const fills: Record<Texture, Fill> = {
  noise(words, next) {
    for (let at = 0; at < words.length; at++) words[at] = next()
  },
  // A small vocabulary, so that repetitions are close together.
  text(words, next) {
    const vocabulary = Array.from({ length: 400 }, next)
    for (let at = 0; at < words.length; at++) words[at] = vocabulary[next() % 400]!
  },
  // Weights around zero: noise in the low bytes, little variety in sign and exponent.
  floats(words, next) {
    const values = new Float32Array(words.buffer, words.byteOffset, words.length)
    for (let at = 0; at < values.length; at++) values[at] = (next() / 2 ** 32 - 0.5) / 32
  },
}

/** George Marsaglia's 32-bit generator. */
function xorshift(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>>= 0)
  }
}
