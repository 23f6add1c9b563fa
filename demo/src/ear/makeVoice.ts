import { Resonator } from './Resonator.ts'
import { sampleRate } from './sampleRate.ts'

/** First three resonances of vowels, Hz (Peterson and Barney 1952, men). */
const VOWELS = {
  a: [730, 1090, 2440],
  e: [530, 1840, 2480],
  i: [270, 2290, 3010],
  o: [570, 840, 2410],
  u: [300, 870, 2240],
} as const
const BANDWIDTHS = [70, 100, 140] as const

/** Seconds of one syllable, of its hiss when it begins with one, and of the glide to the next vowel. */
const SYLLABLE = 0.21
const HISS = 0.07
const GLIDE = 0.05
/** The resonances follow the glide in steps of so many samples: filters settle between them. */
const STEP = 40

/**
 * A synthetic voice that says vowels, some after a hiss, with the melody of a sentence: no real language, but a voice
 * detector recognises it as speech.
 *
 * @param syllables one per syllable: `a`, `e`, `i`, `o`, `u`, or `s` and one of them
 * @param pitch of the voice at the start of the sentence, Hz; it falls by a quarter until the end
 * @param random numbers from 0 to 1
 * @returns samples between -1 and 1
 */
export function makeVoice(
  syllables: readonly string[],
  pitch: number,
  random: () => number,
): Float32Array {
  const voice = new Float32Array(Math.round(syllables.length * SYLLABLE * sampleRate))
  const throat = BANDWIDTHS.map(() => new Resonator())
  const mellow = new Resonator()
  mellow.tune(0, 400)
  const hiss = new Resonator()
  hiss.tune(5200, 1800)
  let phase = 0
  for (let at = 0; at < voice.length; at += 1) {
    const time = at / sampleRate
    const index = Math.floor(time / SYLLABLE)
    const within = time - index * SYLLABLE
    if (at % STEP === 0) {
      const now = vowelOf(syllables[index])
      const next = vowelOf(syllables[index + 1] ?? syllables[index])
      const share = Math.max(0, 1 - (SYLLABLE - within) / GLIDE)
      for (const [order, resonator] of throat.entries()) {
        const [from, to] = [now[order] ?? 0, next[order] ?? 0]
        resonator.tune(from + (to - from) * share, BANDWIDTHS[order] ?? 100)
      }
    }
    const melody = 1 - (0.25 * at) / voice.length + 0.06 * Math.sin(2 * Math.PI * 1.7 * time)
    phase += (pitch * melody * (1 + 0.02 * (random() - 0.5))) / sampleRate
    const pulse = phase >= 1 ? 1 : 0
    phase %= 1
    const hissing = syllables[index]?.startsWith('s') === true && within < HISS
    const breath = mellow.next(pulse + 0.004 * (random() - 0.5))
    const sound = throat.reduce((sample, resonator) => resonator.next(sample), breath)
    const noise = hiss.next(random() - 0.5)
    const loud = Math.sin((Math.PI * within) / SYLLABLE) ** 0.4
    voice[at] = hissing ? 0.05 * noise * Math.sin((Math.PI * within) / HISS) : 12 * sound * loud
  }
  return voice
}

function vowelOf(syllable: string | undefined): readonly number[] {
  return VOWELS[(syllable?.at(-1) ?? 'a') as keyof typeof VOWELS] ?? VOWELS.a
}
