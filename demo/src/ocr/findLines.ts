import type { Box } from './Box.ts'
import { findBands } from './findBands.ts'
import type { InkMask } from './InkMask.ts'

/** A line with less ink than this, in pixels, is a slip of the pen. */
const LEAST_INK = 12

/**
 * Finds the lines of writing on a drawing, top to bottom, each cropped to its ink, so that the
 * reader may write anywhere on the paper.
 */
export function findLines(mask: InkMask): Box[] {
  return findBands(mask).flatMap(({ top, bottom }) => {
    let [left, right, ink] = [mask.width, 0, 0]
    for (let row = top; row < bottom; row += 1) {
      const pixels = mask.data.subarray(row * mask.width, (row + 1) * mask.width)
      const first = pixels.indexOf(1)
      if (first === -1) continue
      left = Math.min(left, first)
      right = Math.max(right, pixels.lastIndexOf(1) + 1)
      ink += pixels.reduce((sum, value) => sum + value, 0)
    }
    return ink < LEAST_INK ? [] : [{ left, top, width: right - left, height: bottom - top }]
  })
}
