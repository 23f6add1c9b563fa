/** One point of a stroke. Position in CSS pixels; `pressure` between 0 and 1. */
export interface StrokePoint {
  x: number
  y: number
  pressure: number
}

/** What the pen did between touching the paper and leaving it. */
export type Stroke = StrokePoint[]
