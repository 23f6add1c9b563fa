import { formatBytes } from './formatBytes.ts'
import { onRedraw } from './onRedraw.ts'
import { prepareCanvas } from './prepareCanvas.ts'

const TOP = 18

/** Bytes per second over time, with a label at the highest value. */
export class ThroughputGraph {
  readonly #canvas: HTMLCanvasElement
  #series: readonly number[] = []

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    onRedraw(canvas, () => this.#draw())
  }

  /** @param series bytes per second, in equal time steps, oldest first */
  show(series: readonly number[]): void {
    this.#series = series
    this.#draw()
  }

  #draw(): void {
    const prepared = prepareCanvas(this.#canvas)
    if (prepared === undefined) return
    const { context, width, height, colour } = prepared
    const peak = Math.max(...this.#series, 0)
    context.strokeStyle = colour('--line')
    context.beginPath()
    for (const y of [TOP, (TOP + height) / 2, height - 0.5]) {
      context.moveTo(0, Math.round(y) - 0.5)
      context.lineTo(width, Math.round(y) - 0.5)
    }
    context.stroke()
    if (peak === 0) return
    const step = width / this.#series.length
    context.fillStyle = colour('--accent')
    for (const [index, value] of this.#series.entries()) {
      const tall = (value / peak) * (height - TOP)
      if (tall > 0) context.fillRect(index * step, height - tall, Math.max(step - 1, 1), tall)
    }
    context.fillStyle = colour('--quiet')
    context.font = '12px system-ui, sans-serif'
    context.fillText(`${formatBytes(peak)}/s at most`, 0, TOP - 6)
  }
}
