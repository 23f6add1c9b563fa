import type { Box } from './Box.ts'

/** The recogniser was trained on lines of this height, in pixels. */
const HEIGHT = 48
/** The longest line that is read at once, in pixels after scaling. */
const LONGEST = 2400
/** Paper around the ink, as a fraction of the line's height: letters at the very edge are misread. */
const MARGIN = 0.16

/** One line of a drawing on white paper, scaled to the height the recogniser expects. */
export function cropLine(drawing: ImageBitmap, line: Box): ImageData {
  const margin = Math.max(2, Math.round(line.height * MARGIN))
  const height = line.height + 2 * margin
  const width = line.width + 2 * margin
  const scale = HEIGHT / height
  const scaled = Math.min(LONGEST, Math.max(HEIGHT, Math.round(width * scale)))
  const canvas = new OffscreenCanvas(scaled, HEIGHT)
  const paper = canvas.getContext('2d', { willReadFrequently: true })
  if (paper === null) throw new Error('This browser has no canvas in workers.')
  paper.fillStyle = '#fff'
  paper.fillRect(0, 0, scaled, HEIGHT)
  paper.imageSmoothingQuality = 'high'
  const { left, top } = line
  paper.drawImage(
    drawing,
    left,
    top,
    line.width,
    line.height,
    margin * scale,
    margin * scale,
    line.width * scale,
    line.height * scale,
  )
  return paper.getImageData(0, 0, scaled, HEIGHT)
}
