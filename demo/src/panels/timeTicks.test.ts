import { expect, it } from 'vitest'
import { timeTicks } from './timeTicks.ts'

it.each([
  [2, 400, [0, 0.5, 1, 1.5, 2]],
  [6.2, 1100, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6]],
  [6.2, 300, [0, 1, 2, 3, 4, 5, 6]],
  [60, 300, [0, 10, 20, 30, 40, 50, 60]],
  [60, 10, [0, 60]],
])('marks %d s on %d px', (seconds, width, ticks) => {
  expect(timeTicks(seconds, width)).toEqual(ticks)
})
