import type { Stroke } from './Stroke.ts'

/** Width of a mouse's line, in CSS pixels. A pen pressed harder or softer than a mouse counts changes it. */
const WIDTH = 7
const LEAST = 3

/** Draws a stroke as a curve through the middles of its points, so that corners come out round. */
export function drawStroke(paper: CanvasRenderingContext2D, stroke: Stroke): void {
  const [first] = stroke
  if (first === undefined) return
  const pressed = stroke.reduce((sum, { pressure }) => sum + pressure, 0) / stroke.length
  paper.lineCap = 'round'
  paper.lineJoin = 'round'
  paper.lineWidth = Math.max(LEAST, WIDTH * (0.5 + pressed))
  paper.beginPath()
  paper.moveTo(first.x, first.y)
  let bend = first
  for (const point of stroke) {
    paper.quadraticCurveTo(bend.x, bend.y, (bend.x + point.x) / 2, (bend.y + point.y) / 2)
    bend = point
  }
  paper.lineTo(bend.x, bend.y)
  paper.stroke()
}
