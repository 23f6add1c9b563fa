import { drawStroke } from './drawStroke.ts'
import { drawWords } from './drawWords.ts'
import type { Stroke, StrokePoint } from './Stroke.ts'

/**
 * Paper for words from a text field and for strokes of a mouse, a finger or a pen. It stores words and strokes, not
 * pixels, so that it stays sharp when the page changes its size.
 *
 * Dispatches `change` whenever something was written or erased.
 */
export class Sketchpad extends EventTarget {
  readonly #canvas: HTMLCanvasElement
  readonly #paper: CanvasRenderingContext2D
  #words = ''
  #strokes: Stroke[] = []

  constructor(canvas: HTMLCanvasElement) {
    super()
    const paper = canvas.getContext('2d')
    if (paper === null) throw new Error('This browser has no canvas.')
    this.#canvas = canvas
    this.#paper = paper
    canvas.addEventListener('pointerdown', (event) => this.#begin(event))
    canvas.addEventListener('pointermove', (event) => this.#continue(event))
    new ResizeObserver(() => this.#draw()).observe(canvas)
  }

  /** Replaces the words and removes all strokes. */
  write(words: string): void {
    this.#words = words
    this.#strokes = []
    this.#changed()
  }

  /** The drawing as pixels. */
  picture(): Promise<ImageBitmap> {
    this.#draw()
    return createImageBitmap(this.#canvas)
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0) return
    event.preventDefault()
    this.#canvas.setPointerCapture(event.pointerId)
    this.#strokes.push([this.#point(event)])
    this.#changed()
  }

  #continue(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return
    // Between two frames a pen moves many times; without the moves in between curves get corners.
    const moves = event.getCoalescedEvents?.() ?? []
    const points = (moves.length > 0 ? moves : [event]).map((move) => this.#point(move))
    this.#strokes.at(-1)?.push(...points)
    this.#changed()
  }

  #point({ clientX, clientY, pressure }: PointerEvent): StrokePoint {
    const { left, top } = this.#canvas.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top, pressure }
  }

  #changed(): void {
    this.#draw()
    this.dispatchEvent(new Event('change'))
  }

  #draw(): void {
    const { clientWidth, clientHeight } = this.#canvas
    const scale = Math.max(1, globalThis.devicePixelRatio)
    this.#canvas.width = Math.round(clientWidth * scale)
    this.#canvas.height = Math.round(clientHeight * scale)
    this.#paper.setTransform(scale, 0, 0, scale, 0, 0)
    this.#paper.fillStyle = '#fff'
    this.#paper.fillRect(0, 0, clientWidth, clientHeight)
    this.#paper.fillStyle = this.#paper.strokeStyle = '#141821'
    drawWords(this.#paper, this.#words, clientWidth, clientHeight)
    for (const stroke of this.#strokes) drawStroke(this.#paper, stroke)
  }
}
