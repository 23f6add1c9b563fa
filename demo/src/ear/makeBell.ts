import { sampleRate } from './sampleRate.ts'

/** Partials of a small bell: frequency over the strike note, loudness, and how fast each fades. */
const PARTIALS = [
  [1, 0.5, 3],
  [2.4, 0.2, 5],
  [3.9, 0.1, 9],
] as const

/**
 * One stroke of a bell.
 *
 * @param pitch of the strike note, Hz
 * @param seconds after which it is cut off
 */
export function makeBell(pitch: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, at) => {
    const time = at / sampleRate
    return PARTIALS.reduce((sum, [over, loud, fade]) => {
      return sum + loud * Math.exp(-fade * time) * Math.sin(2 * Math.PI * pitch * over * time)
    }, 0)
  })
}
