import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { throttle } from './engine.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('runs at once, then once per interval, and never forgets the last call', () => {
  const work = vi.fn<() => void>()
  const tell = throttle(work, 100)
  for (let ms = 0; ms < 250; ms += 10) {
    tell()
    vi.advanceTimersByTime(10)
  }
  expect(work).toHaveBeenCalledTimes(3)
  vi.advanceTimersByTime(1000)
  expect(work).toHaveBeenCalledTimes(4)
})

test('what is told now is not told again later', () => {
  const work = vi.fn<() => void>()
  const tell = throttle(work, 100)
  tell()
  tell.now()
  vi.advanceTimersByTime(1000)
  expect(work).toHaveBeenCalledTimes(1)
  tell()
  vi.advanceTimersByTime(0)
  expect(work).toHaveBeenCalledTimes(2)
})
