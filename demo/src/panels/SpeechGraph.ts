import { sampleRate } from '../ear/sampleRate.ts'
import type { Stretch } from '../ear/Stretch.ts'
import { threshold } from '../ear/threshold.ts'
import { windowSize } from '../ear/windowSize.ts'
import { onRedraw } from './onRedraw.ts'
import { prepareCanvas } from './prepareCanvas.ts'
import type { PreparedCanvas } from './prepareCanvas.ts'
import { timeTicks } from './timeTicks.ts'

/** The data to draw: a clip, and its results so far. */
export interface SpeechPicture {
  samples: Float32Array
  /** Of speech, one a window. */
  probabilities: readonly number[]
  stretches: readonly Stretch[]
}

/** Sizes in CSS pixels. The curve takes this fraction of the area without labels; the waveform takes the rest. */
const TOP = 8
const BETWEEN = 10
const CURVE_SHARE = 0.62

/** A plot's part of the canvas, without its figures. */
interface Area {
  left: number
  width: number
  top: number
  bottom: number
}

/** The probability of speech over time, the sound below it, stretches of speech marked in both. */
export class SpeechGraph {
  readonly #canvas: HTMLCanvasElement
  #picture: SpeechPicture = { samples: new Float32Array(), probabilities: [], stretches: [] }

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    onRedraw(canvas, () => this.#draw())
  }

  show(picture: SpeechPicture): void {
    this.#picture = picture
    this.#draw()
  }

  #draw(): void {
    const prepared = prepareCanvas(this.#canvas)
    if (prepared === undefined || this.#picture.samples.length === 0) return
    const { context, width, height, colour } = prepared
    const left = Number.parseFloat(colour('--gutter'))
    const axis = Number.parseFloat(colour('--axis'))
    const room = height - TOP - BETWEEN - axis
    const middle = TOP + room * CURVE_SHARE
    const curve = { left, width: width - left, top: TOP, bottom: middle }
    const sound = { ...curve, top: middle + BETWEEN, bottom: height - axis }
    context.font = '12px system-ui, sans-serif'
    this.#drawAxes(prepared, curve, sound)
    this.#drawStretches(prepared, { ...curve, bottom: sound.bottom })
    this.#drawSound(prepared, sound)
    this.#drawCurve(prepared, curve)
  }

  #drawAxes({ context, height, colour }: PreparedCanvas, curve: Area, sound: Area): void {
    const tall = curve.bottom - curve.top
    context.fillStyle = colour('--quiet')
    context.textAlign = 'right'
    context.textBaseline = 'middle'
    for (const level of [0, threshold, 1]) {
      const y = Math.round(curve.bottom - level * tall) - 0.5
      context.fillText(`${level * 100}\u00A0%`, curve.left - 8, y)
      context.strokeStyle = colour(level === threshold ? '--flight' : '--line')
      context.setLineDash(level === threshold ? [5, 4] : [])
      line(context, curve.left, y, curve.left + curve.width, y)
    }
    context.setLineDash([])
    context.strokeStyle = colour('--line')
    context.textBaseline = 'bottom'
    const seconds = this.#seconds()
    for (const tick of timeTicks(seconds, curve.width)) {
      const x = Math.round(curve.left + (tick / seconds) * curve.width) - 0.5
      line(context, x, sound.bottom, x, sound.bottom + 4)
      // The last label would be cut off if it were centred under its mark.
      context.textAlign =
        x > curve.left + curve.width - 16 ? 'right' : tick === 0 ? 'left' : 'center'
      context.fillText(`${tick}\u00A0s`, x, height)
    }
    line(context, curve.left, sound.bottom, curve.left + curve.width, sound.bottom)
  }

  #drawStretches({ context, colour }: PreparedCanvas, area: Area): void {
    for (const { start, end } of this.#picture.stretches) {
      const x = this.#x(start, area)
      const wide = this.#x(end, area) - x
      context.fillStyle = colour('--accent')
      context.globalAlpha = 0.13
      context.fillRect(x, area.top, wide, area.bottom - area.top)
      context.globalAlpha = 1
      context.fillRect(x, area.bottom - 3, wide, 3)
    }
  }

  #drawSound({ context, colour }: PreparedCanvas, area: Area): void {
    const { samples, stretches } = this.#picture
    const middle = (area.top + area.bottom) / 2
    const half = (area.bottom - area.top) / 2 - 4
    const [voiced, other] = [colour('--here'), colour('--sound')]
    for (let column = 0; column < area.width; column += 1) {
      const from = Math.floor((column / area.width) * samples.length)
      const to = Math.ceil(((column + 1) / area.width) * samples.length)
      let loudest = 0
      for (let at = from; at < to; at += 1) loudest = Math.max(loudest, Math.abs(samples[at] ?? 0))
      const seconds = from / sampleRate
      const speech = stretches.some(({ start, end }) => start <= seconds && seconds < end)
      context.fillStyle = speech ? voiced : other
      const tall = Math.max(0.5, Math.min(1, loudest) * half)
      context.fillRect(area.left + column, middle - tall, 1, 2 * tall)
    }
  }

  #drawCurve({ context, colour }: PreparedCanvas, area: Area): void {
    const { probabilities } = this.#picture
    context.strokeStyle = colour('--accent')
    context.lineWidth = 2
    context.lineJoin = 'round'
    context.beginPath()
    for (const [index, probability] of probabilities.entries()) {
      const x = this.#x(((index + 0.5) * windowSize) / sampleRate, area)
      context.lineTo(x, area.bottom - probability * (area.bottom - area.top))
    }
    context.stroke()
  }

  #x(seconds: number, { left, width }: Area): number {
    return left + (Math.min(seconds, this.#seconds()) / this.#seconds()) * width
  }

  #seconds(): number {
    return this.#picture.samples.length / sampleRate
  }
}

function line(
  context: CanvasRenderingContext2D,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
): void {
  context.beginPath()
  context.moveTo(fromX, fromY)
  context.lineTo(toX, toY)
  context.stroke()
}
