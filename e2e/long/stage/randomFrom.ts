/**
 * Numbers from 0 (inclusive) to 1 (exclusive) that are the same for the same seed: what failed once can be
 * looked at again.
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
