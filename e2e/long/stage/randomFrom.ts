/**
 * Returns numbers from 0 (inclusive) to 1 (exclusive), the same sequence for the same seed, so that a failure can be
 * reproduced.
 */
export function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
