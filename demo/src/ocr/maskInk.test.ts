import { expect, it } from 'vitest'
import { maskInk } from './maskInk.ts'

it('counts dark, opaque pixels as ink', () => {
  const white = [255, 255, 255, 255]
  const black = [0, 0, 0, 255]
  const clear = [0, 0, 0, 0]
  const blue = [0, 40, 160, 255]
  const { data, width, height } = maskInk(
    Uint8ClampedArray.from([...white, ...black, ...clear, ...blue]),
    2,
  )
  expect([...data]).toEqual([0, 1, 0, 1])
  expect([width, height]).toEqual([2, 2])
})
