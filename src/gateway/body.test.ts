import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../core/async.ts'
import { BodyReader, defaultBodyLimits, guardRate } from './body.ts'
import { testGateway, tokens } from './testing/test-gateway.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An endless body that sends the given number of bytes per interval. */
function dripping(bytes: number, everyMs: number): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, everyMs))
        controller.enqueue(new Uint8Array(bytes))
      },
    },
    { highWaterMark: 0 },
  )
}

const post = (body: BodyInit, headers: Record<string, string> = {}): RequestInit =>
  ({ method: 'POST', body, headers, duplex: 'half' }) as RequestInit

describe('slow senders', () => {
  test('32 anonymous senders of slow bodies hold no slot, delay no token holder, and are ended', async () => {
    const gateway = testGateway()
    const statuses: number[] = []
    const strangers = Array.from({ length: 32 }, async (_, at) => {
      const peer = `198.51.100.${at}`
      const response = await gateway.ask('/x', { ...post(dripping(1, 5000)), peer })
      statuses.push(response.status)
    })
    await vi.advanceTimersByTimeAsync(6000)
    expect(gateway.queue.totals).toMatchObject({ running: 0, waiting: 0 })
    const holder = await gateway.ask('/x', post('{}', { authorization: `Bearer ${tokens.nectar}` }))
    expect([holder.status, await holder.text()]).toEqual([200, 'hello'])
    await vi.advanceTimersByTimeAsync(10_000)
    await Promise.all(strangers)
    expect(statuses).toEqual(Array(32).fill(408))
    expect(gateway.seen).toHaveLength(1)
  })

  test('a body at the minimum rate is accepted, regardless of its duration', async () => {
    const gateway = testGateway({ handle: async (request) => new Response(await request.text()) })
    let parts = 0
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1000))
        if (++parts > 60) controller.close()
        else controller.enqueue(new Uint8Array(1100))
      },
    })
    const asked = gateway.ask('/x', post(body))
    await vi.advanceTimersByTimeAsync(70_000)
    expect((await (await asked).text()).length).toBe(66_000)
  })

  test('a streamed body frees its slot when it becomes too slow', async () => {
    const gateway = testGateway({
      service: { streams: () => true },
      handle: async (request) => new Response(await request.text()),
    })
    const asked = gateway.ask('/x', post(dripping(1, 5000)))
    await vi.advanceTimersByTimeAsync(1000)
    expect(gateway.queue.totals.running).toBe(1)
    await vi.advanceTimersByTimeAsync(15_000)
    expect((await asked).status).toBe(500)
    expect(gateway.queue.totals.running).toBe(0)
  })

  test('time in which the consumer does not read is not counted', async () => {
    const guarded = guardRate(dripping(100, 10), { idleMs: 1000, minRate: 50 }, systemClock)
    const reader = guarded.getReader()
    for (let part = 0; part < 3; part++) {
      const read = reader.read()
      await vi.advanceTimersByTimeAsync(10)
      expect((await read).value).toHaveLength(100)
      await vi.advanceTimersByTimeAsync(60_000)
    }
    await reader.cancel()
  })
})

describe('memory and number of bodies', () => {
  const from = { key: 'ip:1', most: 2, token: false, signal: new AbortController().signal }
  const limits = { ...defaultBodyLimits, totalBytes: 4000, bufferBytes: 1500 }
  const whole = (bytes: number): ReadableStream<Uint8Array> =>
    new Response(new Uint8Array(bytes)).body!

  test('a caller may send as many bodies at once as requests', async () => {
    const reader = new BodyReader(limits, systemClock)
    const slow = [0, 1].map(() => reader.read(dripping(1, 100_000), from))
    expect(await reader.read(whole(1), from)).toBe('share')
    expect(typeof (await reader.read(whole(1), { ...from, key: 'ip:2' }))).toBe('object')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await Promise.all(slow)).toEqual(['slow', 'slow'])
    expect(typeof (await reader.read(whole(1), from))).toBe('object')
  })

  test('requests without a token cannot use the memory of those with one, and memory is released', async () => {
    const reader = new BodyReader(limits, systemClock)
    const first = await reader.read(whole(1400), from)
    expect(await reader.read(whole(1400), from)).toBe('busy')
    expect(typeof (await reader.read(whole(1400), { ...from, token: true }))).toBe('object')
    if (typeof first === 'object') first.release()
    expect(typeof (await reader.read(whole(1400), from))).toBe('object')
  })

  test('a longer body is passed on completely', async () => {
    const reader = new BodyReader({ ...limits, totalBytes: 1e6 }, systemClock)
    const bytes = new Uint8Array(100_000).map((_, at) => at)
    const sliced = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 1000)
          controller.enqueue(bytes.slice(at, at + 1000))
        controller.close()
      },
    })
    const received = await reader.read(sliced, from)
    expect(typeof received).toBe('object')
    if (typeof received !== 'object') return
    expect(new Uint8Array(await new Response(received.body).arrayBuffer())).toEqual(bytes)
  })

  test('when a gateway closes, bodies that still arrive get 503 with Retry-After', async () => {
    const gateway = testGateway()
    const asked = gateway.ask('/x', post(dripping(1, 1000)))
    await vi.advanceTimersByTimeAsync(10)
    gateway.close()
    const response = await asked
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect((await gateway.ask('/x', post('x'))).status).toBe(503)
  })

  test('a client that disconnects ends its body', async () => {
    const leaving = new AbortController()
    const gateway = testGateway()
    const asked = gateway.ask('/x', { ...post(dripping(1, 1000)), signal: leaving.signal })
    await vi.advanceTimersByTimeAsync(10)
    leaving.abort()
    expect((await asked).status).toBe(499)
  })
})
