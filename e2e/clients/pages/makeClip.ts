const RATE_HZ = 16_000
/** First three resonances of five vowels, Hz. */
const vowels = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
] as const

/**
 * A clip that a voice detector recognises as speech: a pulse train through the resonances of vowels, in syllables,
 * with a second of silence before and after.
 *
 * @param seconds of speech
 * @returns samples at 16 kHz
 */
export function makeClip(seconds: number): Float32Array {
  const speech = seconds * RATE_HZ
  const clip = new Float32Array(speech + 2 * RATE_HZ)
  const held = new Float64Array(6)
  let phase = 0
  for (let at = 0; at < speech; at++) {
    const time = at / RATE_HZ
    phase += (120 + 25 * Math.sin(2 * Math.PI * 1.3 * time)) / RATE_HZ
    const pulse = phase >= 1 ? 1 : 0
    phase %= 1
    const syllable = Math.floor(time / 0.24)
    const loud = Math.sin((Math.PI * (time % 0.24)) / 0.24) ** 0.5
    const formants = vowels[(syllable * 3) % vowels.length]!
    let sample = pulse
    for (const [index, formant] of formants.entries()) sample = resonate(sample, formant, index)
    clip[RATE_HZ + at] = Math.max(-1, Math.min(1, sample * loud * 4))
  }
  return clip

  /** A two-pole filter of unit gain at 0 Hz (Dennis Klatt's resonator). */
  function resonate(sample: number, formantHz: number, index: number): number {
    const width = Math.exp((-Math.PI * (60 + 30 * index)) / RATE_HZ)
    const b = 2 * width * Math.cos((2 * Math.PI * formantHz) / RATE_HZ)
    const c = -(width ** 2)
    const out = (1 - b - c) * sample + b * held[2 * index]! + c * held[2 * index + 1]!
    held[2 * index + 1] = held[2 * index]!
    held[2 * index] = out
    return out
  }
}
