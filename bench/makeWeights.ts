import { createCipheriv } from 'node:crypto'

/** Length of one run of similar bytes: many chunks, which are 64 KiB on average. */
const stretch = 4 * 2 ** 20

/**
 * Bytes like those of a model file: runs of noise, like quantised weights, alternate with 32-bit floats around zero,
 * whose bytes compress well when they are grouped. The result depends only on the parameters.
 *
 * @param length in bytes, a multiple of 4
 * @param seed 0 to 255
 */
export function makeWeights(length: number, seed = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  const noise = createCipheriv('aes-128-ctr', new Uint8Array(16).fill(seed), new Uint8Array(16))
  for (let start = 0, turn = 0; start < length; start += stretch, turn++) {
    const part = bytes.subarray(start, start + stretch)
    part.set(noise.update(part))
    if (turn % 2 === 1) shapeFloats(part)
  }
  return bytes
}

function shapeFloats(part: Uint8Array<ArrayBuffer>): void {
  const words = new Uint32Array(part.buffer, part.byteOffset, part.length / 4)
  const values = new Float32Array(part.buffer, part.byteOffset, part.length / 4)
  for (let at = 0; at < words.length; at++) values[at] = (words[at]! / 2 ** 32 - 0.5) / 32
}
