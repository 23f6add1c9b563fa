import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ByteRange } from '../core/bytes.ts'
import { FerryError } from '../core/errors.ts'
import { sleep } from '../core/async.ts'
import type { FileInfo } from '../data/index.ts'
import { OwnDownload } from './bandwidth.ts'
import { byteWithoutRequest, type ByteSources } from './probe.ts'

const info: FileInfo = {
  url: 'https://hub.example/me/m/resolve/main/model.onnx',
  size: 1000,
  content: 'etag:one',
  fetchedAt: 0,
}
const first = new Uint8Array([7])
const whole: ByteRange[] = [{ start: 0, end: 1000 }]

/** The clock advances only by waits. */
function place(): ByteSources & {
  held: boolean
  running: OwnDownload | undefined
  now: number
} {
  const here = {
    held: false,
    running: undefined as OwnDownload | undefined,
    now: 0,
    store: { peek: async () => (here.held ? first : undefined) },
    clock: {
      now: () => here.now,
      sleep: async (ms: number, signal?: AbortSignal) => {
        here.now += ms
        await sleep(0, signal)
      },
    },
    shared: () => here.running,
  }
  return here
}

const makeLoad = (): OwnDownload => new OwnDownload(info, async () => first)

test('a stored byte is returned at once', async () => {
  const here = place()
  here.held = true
  expect(await byteWithoutRequest(here, info.content, {})).toEqual(first)
  expect(here.now).toBe(0)
})

test('without a download the result is undefined after a second', async () => {
  const here = place()
  expect(await byteWithoutRequest(here, info.content, {})).toBe(undefined)
  expect(here.now).toBe(1000)
})

test('in a hurry only a stored byte counts: a download may take long to prove its first byte', async () => {
  const here = place()
  here.running = makeLoad()
  expect(await byteWithoutRequest(here, info.content, { hurry: true })).toBe(undefined)
  expect(here.now).toBe(0)
  here.held = true
  expect(await byteWithoutRequest(here, info.content, { hurry: true })).toEqual(first)
})

test('a download that starts meanwhile provides it after any time, and continues afterwards', async () => {
  const here = place()
  const shared = makeLoad()
  const page = shared.join()
  const byte = byteWithoutRequest(here, info.content, {})
  here.running = shared
  await sleep(5)
  const before = here.now
  expect(shared.wanted()).toEqual([{ start: 0, end: 1 }])
  shared.update({ phase: 'running', releasable: whole })
  expect(await byte).toEqual(first)
  expect(here.now).toBe(before)
  expect(shared.signal.aborted).toBe(false)
  page.release()
  expect(shared.signal.aborted).toBe(true)
})

describe('a byte of a Xet file that is being loaded', () => {
  const xet = { ...info, xetHash: 'a'.repeat(64) }

  test('is delivered when its place is confirmed, and not before', async () => {
    const here = place()
    const shared = (here.running = new OwnDownload(xet, async () => first))
    let done = false
    const byte = byteWithoutRequest(here, info.content, {}).finally(() => (done = true))
    await sleep(5)
    expect(shared.wanted()).toEqual([{ start: 0, end: 1, inside: true }])
    shared.update({ phase: 'running', releasable: whole })
    await sleep(5)
    expect(done).toBe(false)
    shared.update({ proven: [{ start: 0, end: 10 }] })
    expect(await byte).toEqual(first)
  })

  test('is left to a request of its own when its place is not confirmed in time', async () => {
    const late = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal)
    onTestFinished(() => timeout.mockRestore())
    const here = place()
    const shared = (here.running = new OwnDownload(xet, async () => first))
    const page = shared.join()
    shared.update({ phase: 'running', releasable: whole })
    const byte = byteWithoutRequest(here, info.content, {})
    await sleep(5)
    late.abort()
    expect(await byte).toBe(undefined)
    page.release()
  })
})

test('a byte that another realm loads meanwhile is found on the device', async () => {
  const here = place()
  const byte = byteWithoutRequest(here, info.content, {})
  here.held = true
  expect(await byte).toEqual(first)
  expect(here.now).toBe(250)
})

test('a failing download fails the probe; an earlier failure does not', async () => {
  const here = place()
  const shared = makeLoad()
  here.running = shared
  const byte = byteWithoutRequest(here, info.content, {})
  const failed = expect(byte).rejects.toMatchObject({ code: 'network' })
  await sleep(5)
  shared.end(new FerryError('network', 'It broke.'))
  await failed
  expect(await byteWithoutRequest(here, info.content, {})).toBe(undefined)
})

test('an abort ends the wait', async () => {
  const here = place()
  const caller = new AbortController()
  const byte = byteWithoutRequest(here, info.content, { signal: caller.signal })
  const failed = expect(byte).rejects.toThrow('gone')
  caller.abort(new Error('gone'))
  await failed
  here.running = makeLoad()
  const end = new AbortController()
  const waiting = byteWithoutRequest(here, info.content, { signal: end.signal })
  const ended = expect(waiting).rejects.toThrow('gone')
  await sleep(5)
  end.abort(new Error('gone'))
  await ended
})
