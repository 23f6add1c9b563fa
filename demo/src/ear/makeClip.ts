import type { Clip } from './Clip.ts'
import { makeBell } from './makeBell.ts'
import { makeVoice } from './makeVoice.ts'
import { sampleRate } from './sampleRate.ts'

const SECONDS = 6.2
/** Level of the background noise. */
const ROOM = 0.004

/**
 * The clip of the demo: two sentences of a synthetic voice, and between them a bell, which is as loud but not speech.
 * The samples are the same each time.
 */
export function makeClip(): Clip {
  const random = makeRandom(2026)
  const samples = Float32Array.from({ length: SECONDS * sampleRate }, () => ROOM * (random() - 0.5))
  const mix = (sound: Float32Array, seconds: number): void => {
    const start = Math.round(seconds * sampleRate)
    for (const [index, sample] of sound.entries()) {
      samples[start + index] = Math.max(-1, Math.min(1, (samples[start + index] ?? 0) + sample))
    }
  }
  mix(makeVoice(['sa', 'i', 'so', 'e', 'a', 'su', 'o', 'i'], 130, random), 0.6)
  mix(makeBell(880, 1.2), 2.8)
  mix(makeVoice(['o', 'si', 'a', 'u', 'se', 'o'], 150, random), 4.3)
  return { title: 'Built-in clip', samples }
}

/** Numbers from 0 to 1 that look random (linear congruential, the constants of Numerical Recipes). */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
