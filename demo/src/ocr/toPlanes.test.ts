import { expect, it } from 'vitest'
import { toPlanes } from './toPlanes.ts'

it('gives planes of blue, green and red between -1 and 1', () => {
  const planes = toPlanes(Uint8ClampedArray.from([255, 0, 0, 255, 0, 0, 255, 255]))
  expect([...planes]).toEqual([-1, 1, -1, -1, 1, -1])
})
