import { expect, test } from 'vitest'
import type { LoadState } from '../protocol/files.ts'
import { PrefetchProgress } from './prefetch.ts'

const url = 'https://hub.example/x'
const running: LoadState = {
  url,
  content: 'c',
  size: 10,
  phase: 'running',
  held: 4,
  committed: [{ start: 0, end: 4 }],
  releasable: [],
  inFlight: [{ start: 4, end: 10 }],
  fetched: 6,
  reused: 0,
  bytesPerSecond: 7,
}
const loaded = { url, content: 'c', size: 10 }

function listen(): { progress: PrefetchProgress; told: LoadState[] } {
  const told: LoadState[] = []
  return { progress: new PrefetchProgress([`${url}#part`], (state) => told.push(state)), told }
}

test('a file ends complete although the news of it are late, and is told so once', () => {
  const { progress, told } = listen()
  progress.heard(running)
  progress.complete(loaded)
  progress.heard({ ...running, phase: 'complete', held: 10 })
  expect(told).toEqual([
    running,
    expect.objectContaining({ phase: 'complete', held: 10, inFlight: [], fetched: 6 }),
  ])
})

test('a file that was here before is told as complete', () => {
  const { progress, told } = listen()
  progress.complete(loaded)
  expect(told).toMatchObject([{ url, phase: 'complete', held: 10, size: 10, fetched: 0 }])
})

test('a file of which nothing is known yet says what it waits for', () => {
  const { progress, told } = listen()
  const reason = { code: 'http', message: 'Busy.', retryable: true, status: 429 } as const
  const waiting = { origin: 'https://hub.example', until: 9_000, reason }
  progress.waits({ ...waiting, url, delayMs: 2_000 })
  progress.waits({ ...waiting, url: 'https://hub.example/y', delayMs: 2_000 })
  expect(told).toMatchObject([{ url, phase: 'waiting', waiting, content: '', size: 0 }])
  progress.heard(running)
  // From here on the load itself tells.
  progress.waits({ ...waiting, url, delayMs: 2_000 })
  expect(told).toHaveLength(2)
  progress.heard({ ...running, phase: 'waiting', waiting })
  progress.complete(loaded)
  expect(told.map(({ phase }) => phase)).toEqual(['waiting', 'running', 'waiting', 'complete'])
  expect(told.at(-1)).not.toHaveProperty('waiting')
})

test('other files are not told of', () => {
  const { progress, told } = listen()
  progress.heard({ ...running, url: 'https://hub.example/y' })
  expect(told).toEqual([])
})
