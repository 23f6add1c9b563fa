import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whenOnline } from './retry.ts'

const device = { onLine: false }

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('navigator', device)
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('removeEventListener', () => undefined)
  device.onLine = false
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('detects the network without an event', async () => {
  const settled = vi.fn<() => void>()
  void whenOnline(new AbortController().signal).then(settled)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(settled).not.toHaveBeenCalled()
  device.onLine = true
  await vi.advanceTimersByTimeAsync(1000)
  expect(settled).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
})

test('limits the time for which it trusts the offline state', async () => {
  const settled = vi.fn<() => void>()
  void whenOnline(new AbortController().signal).then(settled)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(settled).toHaveBeenCalledOnce()
})

test('ends with its signal', async () => {
  const abort = new AbortController()
  const waiting = whenOnline(abort.signal)
  abort.abort(new Error('given up'))
  await expect(waiting).rejects.toThrow('given up')
  expect(vi.getTimerCount()).toBe(0)
})
