import { expect, it } from 'vitest'
import { readProgress } from './readProgress.ts'

const running = {
  url: 'https://hub.example/model.onnx',
  size: 100,
  phase: 'running',
  held: 40,
  releasable: [{ start: 0, end: 30 }],
  inFlight: [{ start: 40, end: 60 }],
  deadline: 5,
}

it('shows what is on its way and what is proven', () => {
  expect(readProgress(running)).toEqual({
    url: running.url,
    size: 100,
    held: 40,
    deadline: 5,
    pieces: [
      { start: 40, end: 60, state: 'flight' },
      { start: 0, end: 30, state: 'proven' },
    ],
  })
})

it('takes a file for whole when it is complete, and not before', () => {
  expect(readProgress({ ...running, held: 100 }).held).toBe(99)
  const { held, pieces } = readProgress({ ...running, phase: 'complete', held: 100 })
  expect(held).toBe(100)
  expect(pieces).toEqual([{ start: 0, end: 100, state: 'proven' }])
})
