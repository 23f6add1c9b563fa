import { sampleRate } from './sampleRate.ts'
import type { Stretch } from './Stretch.ts'
import { threshold } from './threshold.ts'
import { windowSize } from './windowSize.ts'

/** During speech the probability may drop this far below the threshold: the ends of words are soft. */
const GRACE = 0.15
/** Gaps up to this many windows (96 ms) lie between two sounds of one sentence. */
const GAP = 3
/** Speech shorter than this many windows (96 ms) is a click or a cough. */
const LEAST = 3

/**
 * Finds the stretches of speech.
 *
 * @param probabilities of speech, one a window
 */
export function findStretches(probabilities: ArrayLike<number>): Stretch[] {
  const runs: { first: number; last: number }[] = []
  let speaking = false
  for (let window = 0; window < probabilities.length; window += 1) {
    const probability = probabilities[window] ?? 0
    speaking = probability >= (speaking ? threshold - GRACE : threshold)
    if (!speaking) continue
    const previous = runs.at(-1)
    if (previous !== undefined && window - previous.last - 1 <= GAP) previous.last = window
    else runs.push({ first: window, last: window })
  }
  const seconds = windowSize / sampleRate
  return runs
    .filter(({ first, last }) => last - first + 1 >= LEAST)
    .map(({ first, last }) => ({ start: first * seconds, end: (last + 1) * seconds }))
}
