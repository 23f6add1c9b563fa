import type { Piece } from '../Piece.ts'
import { onRedraw } from './onRedraw.ts'
import { prepareCanvas } from './prepareCanvas.ts'

/** A file from its first byte to its last, each piece in the colour of its state. */
export class PieceStrip {
  readonly element: HTMLCanvasElement = document.createElement('canvas')
  #size = 1
  #pieces: readonly Piece[] = []

  constructor() {
    onRedraw(this.element, () => this.#draw())
  }

  /** @param size of the file in bytes */
  show(size: number, pieces: readonly Piece[]): void {
    this.#size = Math.max(1, size)
    this.#pieces = pieces
    this.#draw()
  }

  #draw(): void {
    const prepared = prepareCanvas(this.element)
    if (prepared === undefined) return
    const { context, width, height, colour } = prepared
    context.fillStyle = colour('--waiting')
    context.fillRect(0, 0, width, height)
    for (const { start, end, state } of this.#pieces) {
      const left = (start / this.#size) * width
      const right = (end / this.#size) * width
      context.fillStyle = colour(`--${state}`)
      // A gap of one pixel separates two pieces, unless they are too narrow.
      const gap = right - left > 3 && right < width ? 1 : 0
      context.fillRect(left, 0, Math.max(right - left - gap, 0.5), height)
    }
  }
}
