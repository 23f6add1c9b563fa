import type { InkMask } from './InkMask.ts'

/** Below this brightness (0 to 255) a pixel is ink. Anti-aliased edges of thin strokes still count. */
const INK_BELOW = 170

/**
 * Finds the ink in a drawing. Transparent pixels are paper.
 *
 * @param pixels RGBA bytes, four a pixel, row by row
 * @param width width of the drawing in pixels
 */
export function maskInk(pixels: Uint8ClampedArray, width: number): InkMask {
  const data = new Uint8Array(pixels.length / 4)
  for (let pixel = 0; pixel < data.length; pixel += 1) {
    const at = pixel * 4
    const brightness =
      0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0)
    data[pixel] = (pixels[at + 3] ?? 0) > 127 && brightness < INK_BELOW ? 1 : 0
  }
  return { data, width, height: width === 0 ? 0 : data.length / width }
}
