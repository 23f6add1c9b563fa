/**
 * The input of the recogniser: three planes of floats from -1 (ink) to 1 (paper), in the order blue, green, red, as
 * in its training.
 *
 * @param pixels RGBA bytes, four a pixel, row by row
 */
export function toPlanes(pixels: Uint8ClampedArray): Float32Array {
  const size = pixels.length / 4
  const planes = new Float32Array(size * 3)
  for (let pixel = 0; pixel < size; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      planes[(2 - channel) * size + pixel] = (pixels[pixel * 4 + channel] ?? 255) / 127.5 - 1
    }
  }
  return planes
}
