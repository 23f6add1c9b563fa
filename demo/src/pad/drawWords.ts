import { wrapWords } from './wrapWords.ts'

const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
/** Line height, in font sizes: enough for the recogniser to separate the lines. */
const LEADING = 1.55
const SMALLEST = 20
/** Sizes in CSS pixels, and whether lines may be wrapped: a smaller size is tried before wrapping. */
const FITS: readonly { size: number; wrap: boolean }[] = [
  ...[88, 80, 72, 64, 56, 48, 40, 36].map((size) => ({ size, wrap: false })),
  ...[48, 44, 40, 36, 32, 28, 24, SMALLEST].map((size) => ({ size, wrap: true })),
]
const MARGIN = 28

/** Writes words on the paper, as large as they fit, centred. Sizes are CSS pixels. */
export function drawWords(
  paper: CanvasRenderingContext2D,
  words: string,
  width: number,
  height: number,
): void {
  paper.textAlign = 'center'
  paper.textBaseline = 'alphabetic'
  const room = width - 2 * MARGIN
  const measure = (text: string): number => paper.measureText(text).width
  for (const { size, wrap } of FITS) {
    paper.font = `500 ${size}px ${FONT}`
    const lines = wrapWords(words, wrap ? room : Infinity, measure)
    const tall = lines.length * size * LEADING
    const fits = tall <= height - MARGIN && lines.every((line) => measure(line) <= room)
    if (!fits && size > SMALLEST) continue
    for (const [index, line] of lines.entries()) {
      const baseline = (height - tall) / 2 + (index + 0.5) * size * LEADING + size * 0.35
      paper.fillText(line, width / 2, baseline)
    }
    return
  }
}
