import { sampleRate } from './sampleRate.ts'

const HEADER = 44
const BYTES = 2

/** A clip as a WAV file of 16 bits (RIFF, `fmt ` and `data` chunk), for the browser's own player. */
export function encodeWav(samples: Float32Array): Blob {
  const size = samples.length * BYTES
  const file = new DataView(new ArrayBuffer(HEADER + size))
  const word = (at: number, letters: string): void => {
    new Uint8Array(file.buffer).set(new TextEncoder().encode(letters), at)
  }
  word(0, 'RIFF')
  file.setUint32(4, HEADER - 8 + size, true)
  word(8, 'WAVEfmt ')
  file.setUint32(16, 16, true)
  // Plain numbers, one channel.
  file.setUint16(20, 1, true)
  file.setUint16(22, 1, true)
  file.setUint32(24, sampleRate, true)
  file.setUint32(28, sampleRate * BYTES, true)
  file.setUint16(32, BYTES, true)
  file.setUint16(34, BYTES * 8, true)
  word(36, 'data')
  file.setUint32(40, size, true)
  for (const [index, sample] of samples.entries()) {
    const clipped = Math.max(-1, Math.min(1, sample))
    file.setInt16(HEADER + index * BYTES, Math.round(clipped * 32_767), true)
  }
  return new Blob([file.buffer], { type: 'audio/wav' })
}
