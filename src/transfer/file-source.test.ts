import { expect, test } from 'vitest'
import { FakeClock } from '../net/testing/FakeClock.ts'
import { OpenResponses } from './file-source.ts'

const info = { url: 'https://a.example/x', size: 3, content: 'etag:x', fetchedAt: 0 }

function held(demanded?: boolean): {
  open: OpenResponses
  clock: FakeClock
  connection: AbortController
} {
  const clock = new FakeClock(0)
  const open = new OpenResponses(clock)
  const connection = new AbortController()
  open.hold(info, new Response('abc'), connection, demanded)
  return { open, clock, connection }
}

test('a response is read by a download that starts within a second, and ends with it', async () => {
  const { open, clock, connection } = held()
  await clock.advance(999)
  const download = new AbortController()
  const response = open.take(info.content, download.signal)
  await clock.advance(60_000)
  expect(connection.signal.aborted).toBe(false)
  expect(await response?.text()).toBe('abc')
  expect(open.take(info.content, download.signal)).toBe(undefined)
  download.abort(new Error('given up'))
  expect(connection.signal.reason).toEqual(new Error('given up'))
})

test('a response that no download takes within a second is ended, and no timer remains', async () => {
  const { open, clock, connection } = held()
  await clock.advance(1000)
  expect(connection.signal.aborted).toBe(true)
  expect(clock.sleeping).toBe(0)
  expect(open.take(info.content, new AbortController().signal)).toBe(undefined)
})

test('a response waits for three seconds where the whole file will be demanded', async () => {
  const { open, clock } = held(true)
  await clock.advance(2999)
  const response = open.take(info.content, new AbortController().signal)
  expect(await response?.text()).toBe('abc')
})

test('a newer response about the same file replaces the held one', async () => {
  const { open, clock, connection } = held()
  const newer = new AbortController()
  open.hold(info, new Response('new'), newer)
  expect(connection.signal.aborted).toBe(true)
  await clock.advance(500)
  expect(await open.take(info.content, new AbortController().signal)?.text()).toBe('new')
})
