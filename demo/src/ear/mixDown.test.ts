import { expect, it } from 'vitest'
import { mixDown } from './mixDown.ts'

it.each([
  [[], []],
  [[[0.5, -0.5]], [0.5, -0.5]],
  [
    [
      [1, 0],
      [0, -0.5],
    ],
    [0.5, -0.25],
  ],
])('mixes %j to %j', (channels, mixed) => {
  expect([...mixDown(channels.map((channel) => Float32Array.from(channel)))]).toEqual(mixed)
})
