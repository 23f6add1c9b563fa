import { expect, test, vi, describe } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { ByteSet } from '../core/bytes.ts'
import { FerryError } from '../core/errors.ts'
import { defaultRetry, type Net } from '../net/attempt.ts'
import { FakeClock } from '../net/testing/FakeClock.ts'
import { netOf } from '../net/testing/netOf.ts'
import type { Block } from '../reconstruction/record-store.ts'
import type { JournalRun } from '../store/runs.ts'
import type { PartialFile } from '../store/store.ts'
import type { BlockSource } from './blocks.ts'
import { loadPiece, type PieceContext, afterFailure, afterStatus } from './load-piece.ts'
import type { Span } from './plan.ts'

describe('loadPiece', async () => {
  const xorb = 'a'.repeat(64)
  const range = { start: 0, end: 100 }
  const run = { xorb, chunks: { start: 0, end: 1 }, offset: 0, length: 100 }
  const descriptor = { xorb, chunks: run.chunks, bytes: { start: 0, end: 50 } }
  const hasher = await createHasher()

  function block(generation: number): Block {
    const url = `https://storage.example/${generation}`
    const descriptors = [{ ...descriptor, url }]
    return { range, runs: [run], descriptors, fetchedAt: 0, deadline: 1000, skew: 0, generation }
  }

  /** Blocks whose renewal returns the next one. */
  function blocksOf(parts: Partial<BlockSource>): BlockSource {
    return {
      splits: true,
      expires: true,
      open: async () => block(2),
      renew: async () => block(2),
      usable: () => true,
      narrow: () => undefined,
      headers: () => ({}),
      check: () => undefined,
      decoder: () => ({ push: () => [], finish: () => [] }),
      ...parts,
    }
  }

  function contextOf(net: Net, parts: Partial<PieceContext>): PieceContext {
    return {
      tools: { net, hasher, online: async () => undefined },
      blocks: blocksOf({}),
      ask: {},
      signal: new AbortController().signal,
      file: {} as PartialFile,
      held: new ByteSet(),
      located: () => undefined,
      committed: () => undefined,
      withdraw: async () => undefined,
      relocated: async () => undefined,
      arrived: () => undefined,
      waiting: () => undefined,
      ...parts,
    }
  }

  test('an opaque failure of old URLs is retried at once when they have been renewed', async () => {
    const span: Span = { range, first: false, progressGeneration: 1, block: block(1) }
    const asked: string[] = []
    const end = new AbortController()
    let stale = false
    const fetch = async (url: string): Promise<Response> => {
      asked.push(url.split('#', 1)[0] ?? '')
      if (asked.length > 1) end.abort(new FerryError('aborted', 'Seen enough.'))
      // During the request its URLs expire, and another piece renews them.
      stale = true
      span.block = block(2)
      throw new TypeError('Failed to fetch')
    }
    const waits: number[] = []
    const blocks = blocksOf({ usable: ({ generation }) => generation > 1 || !stale })
    const loading = loadPiece(
      { span, descriptor: block(1).descriptors[0]!, runs: [run] },
      contextOf(netOf({ fetch, random: () => 1 }), {
        blocks,
        signal: end.signal,
        waiting: (until) => waits.push(until),
      }),
    )
    await expect(loading).rejects.toMatchObject({ code: 'aborted' })
    expect(asked).toEqual(['https://storage.example/1', 'https://storage.example/2'])
    expect(waits).toEqual([])
  })

  test('a host that cannot be reached costs a renewal, and the host of the new URLs is asked', async () => {
    const span: Span = { range, first: false, progressGeneration: 1, block: block(1) }
    const moved = 'https://other.example/2'
    const renewed = { ...block(2), descriptors: [{ ...descriptor, url: moved }] }
    const asked: string[] = []
    const end = new AbortController()
    const fetch = async (url: string): Promise<Response> => {
      asked.push(url.split('#', 1)[0] ?? '')
      if (asked.at(-1) === moved) end.abort(new FerryError('aborted', 'Seen enough.'))
      throw new TypeError('Failed to fetch')
    }
    const loading = loadPiece(
      { span, descriptor: block(1).descriptors[0]!, runs: [run] },
      contextOf(netOf({ fetch }), {
        blocks: blocksOf({ renew: async () => renewed }),
        signal: end.signal,
      }),
    )
    await expect(loading).rejects.toMatchObject({ code: 'aborted' })
    const first = 'https://storage.example/1'
    expect(asked).toEqual([first, first, first, moved])
  })

  test.each([
    [404, 'not-found', /storage\.example refused 3 new presigned .*`endpoints`.* answered 404/],
    [
      403,
      'expired-url',
      /storage\.example refused 3 new presigned .*clock.* answered 403 \(Denied\)/,
    ],
  ])(
    'storage that refuses every new URL by %i is named, with what it said',
    async (status, code, message) => {
      const span: Span = { range, first: false, progressGeneration: 1, block: block(1) }
      const fetch = async (): Promise<Response> => new Response('<Code>Denied</Code>', { status })
      const renew = async ({ generation }: Block): Promise<Block> => block(generation + 1)
      const loading = loadPiece(
        { span, descriptor: block(1).descriptors[0]!, runs: [run] },
        contextOf(netOf({ fetch }), { blocks: blocksOf({ renew }) }),
      )
      await expect(loading).rejects.toMatchObject({ code, status, retryable: true })
      await expect(loading).rejects.toThrow(message)
    },
  )

  /** A piece that storage refuses with 429 and the given delays, before it fails permanently. */
  async function refusedFor(seconds: readonly number[]): Promise<{
    asked: string[]
    waits: number[]
  }> {
    const clock = new FakeClock(0)
    const asked: string[] = []
    const waits: number[] = []
    const fetch = async (url: string): Promise<Response> => {
      const after = seconds[asked.length]
      asked.push(`${clock.now()} ${url.split('#', 1)[0]}`)
      if (after === undefined) throw new FerryError('unsupported', 'Seen enough.')
      return new Response('', { status: 429, headers: { 'retry-after': String(after) } })
    }
    const retry = { ...defaultRetry, attempts: 2, delayMs: 0 }
    const loading = loadPiece(
      {
        span: { range, first: false, progressGeneration: 1, block: block(1) },
        descriptor: block(1).descriptors[0]!,
        runs: [run],
      },
      contextOf(netOf({ fetch, clock, retry }), {
        // The URLs are valid for two minutes.
        blocks: blocksOf({ usable: ({ generation }, now) => generation > 1 || now < 120_000 }),
        waiting: (until) => waits.push(until),
      }),
    )
    const end = vi.fn()
    const ended = loading.catch(end)
    await clock.advance(0)
    for (let steps = 0; end.mock.calls.length === 0 && steps < 5_000; steps += 1)
      await clock.advance(1_000)
    await ended
    return { asked, waits }
  }

  /** A piece whose storage refuses connections for so long, milliseconds. */
  async function outageOf(
    ms: number,
    setMs = 0,
  ): Promise<{ asked: number[]; waits: number; end: unknown }> {
    const clock = new FakeClock(0)
    let set = 0
    const asked: number[] = []
    let waits = 0
    const bytes = new Uint8Array(100)
    const chunk = { bytes, length: 100, hash: hasher.chunk(bytes) }
    const fetch = async (): Promise<Response> => {
      asked.push(clock.now() - set)
      if (clock.now() - set < ms) throw new TypeError('Failed to fetch')
      return new Response(new Uint8Array(50), { status: 206 })
    }
    const loading = loadPiece(
      {
        span: { range, first: false, progressGeneration: 1, block: block(1) },
        descriptor: block(1).descriptors[0]!,
        runs: [run],
      },
      contextOf(netOf({ fetch, clock, random: () => 0.5 }), {
        blocks: blocksOf({ decoder: () => ({ push: () => [], finish: () => [chunk] }) }),
        file: {
          write: async () => undefined,
          commit: async () => undefined,
        } as unknown as PartialFile,
        waiting: () => {
          waits += 1
        },
      }),
    )
    const ended = vi.fn<(end: unknown) => void>()
    const ending = loading.then(ended, ended)
    await clock.advance(0)
    clock.set((set = setMs))
    for (let steps = 0; ended.mock.calls.length === 0 && steps < 1_000; steps += 1)
      await clock.advance(500)
    await ending
    return { asked, waits, end: ended.mock.calls[0]?.[0] }
  }

  test.each([5000, 12_000, 300_000])(
    'a storage that refuses connections for %i ms is asked again by time, and the wait is reported',
    async (ms) => {
      const { asked, waits, end } = await outageOf(ms)
      expect(end).toEqual([])
      expect(asked.at(-1)).toBeLessThan(ms + 16_000)
      expect(waits).toBe(asked.length - 1)
      expect(asked.length).toBeLessThan(30)
    },
  )

  test.each([
    ['every 2 MiB of a fast line', 0, [32, 50]],
    ['every second of a slow line', 250, [4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 50]],
  ])('decoded chunks are committed %s', async (_, ms, expected) => {
    const [length, count] = [2 ** 16, 50]
    const run = { xorb, chunks: { start: 0, end: count }, offset: 0, length: length * count }
    const range = { start: 0, end: run.length }
    const clock = new FakeClock(0)
    let sent = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          await clock.advance(ms)
          controller.enqueue(new Uint8Array(1))
          if (++sent === count) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const chunk = { hash: new Uint8Array(32), length, bytes: new Uint8Array(length) }
    const commits: number[] = []
    let committed = 0
    const file = {
      write: async () => undefined,
      commit: async ({ rows }: JournalRun) => void commits.push((committed += rows.length)),
    }
    const whole = { ...block(1).descriptors[0]!, chunks: run.chunks }
    const plan = { ...block(1), range, runs: [run], descriptors: [whole] }
    await loadPiece(
      {
        span: { range, first: false, progressGeneration: 1, block: plan },
        descriptor: whole,
        runs: [run],
      },
      contextOf(netOf({ fetch: async () => new Response(body), clock }), {
        blocks: blocksOf({
          decoder: () => ({ push: (part) => (part.length > 0 ? [chunk] : []), finish: () => [] }),
        }),
        file: file as unknown as PartialFile,
      }),
    )
    expect(commits).toEqual(expected)
  })

  test('an outage is survived in which the device sleeps for a day', async () => {
    const { asked, end } = await outageOf(12_000, 86_400_000)
    expect(end).toEqual([])
    expect(asked.at(-1)).toBeLessThan(28_000)
  })

  test.each([0, -86_400_000])(
    'a storage that cannot be reached for longer fails after 6 minutes, its clock set by %i ms',
    async (setMs) => {
      const { asked, end } = await outageOf(Infinity, setMs)
      expect(end).toMatchObject({ code: 'network', retryable: true })
      expect(asked.at(-1)).toBeGreaterThan(330_000)
      expect(asked.at(-1)).toBeLessThanOrEqual(360_000)
    },
  )

  test('a piece waits as long as the storage asks, which does not count as a failure', async () => {
    const { asked, waits } = await refusedFor([60, 50, 3])
    expect(waits).toEqual([60_000, 110_000, 113_000])
    expect(asked.map((each) => Number(each.split(' ')[0]))).toEqual([0, 60_000, 110_000, 113_000])
  })

  test('URLs that expired during such a wait are renewed before they are used', async () => {
    const { asked } = await refusedFor([150])
    expect(asked).toEqual(['0 https://storage.example/1', '150000 https://storage.example/2'])
  })

  test('retries of a storage that always asks for more time are limited', async () => {
    const { asked } = await refusedFor(Array.from({ length: 99 }, () => 600))
    // Twice ten minutes, for two tries; then the refusals count as failures.
    expect(asked.length).toBeLessThan(6)
  })
})

describe('afterFailure', () => {
  const status = (code: number): FerryError =>
    new FerryError('http', 'No.', { status: code, retryable: code >= 500 || code === 429 })
  const cut = new FerryError('network', 'Cut.', { retryable: true })

  test.each([
    ['500', status(500), true, false, 'again'],
    ['429', status(429), true, false, 'again'],
    ['501', status(501), true, false, 'stop'],
    ['416', status(416), true, false, 'stop'],
    ['403', status(403), true, false, 'renew'],
    ['404', status(404), true, false, 'renew'],
    ['403 of a URL that does not expire', status(403), false, false, 'again'],
    ['an aborted connection', cut, true, false, 'again'],
    ['an aborted connection near the deadline', cut, true, true, 'renew'],
    ['a stall', new FerryError('timeout', 'Late.', { retryable: true }), true, false, 'again'],
    ['undecodable bytes', new FerryError('protocol', 'What?'), true, false, 'again'],
    ['bytes with a wrong hash', new FerryError('integrity', 'What?'), true, true, 'again'],
    ['no room', new FerryError('quota', 'Full.'), true, false, 'stop'],
    ['another tab took over', new FerryError('superseded', 'Gone.'), true, false, 'stop'],
    ['an internal error', new TypeError('undefined is not a function'), true, true, 'stop'],
  ] as const)('%s', (_, error, expires, nearDeadline, expected) => {
    expect(afterFailure({ error, expires, nearDeadline })).toBe(expected)
  })
})

describe('after a presigned range request failed', () => {
  test.each([
    [400, 'renew'],
    [401, 'renew'],
    [403, 'renew'],
    [404, 'renew'],
    [408, 'again'],
    [429, 'again'],
    [500, 'again'],
    [503, 'again'],
    [599, 'again'],
    [501, 'stop'],
    [304, 'stop'],
    [405, 'stop'],
    [410, 'stop'],
    [416, 'stop'],
    [600, 'stop'],
  ] as const)('status %i: %s, for any deadline', (status, expected) => {
    expect(afterStatus({ status, nearDeadline: false })).toBe(expected)
    expect(afterStatus({ status, nearDeadline: true })).toBe(expected)
  })

  test('no readable answer counts as a refusal only near the deadline', () => {
    expect(afterStatus({ nearDeadline: false })).toBe('again')
    expect(afterStatus({ nearDeadline: true })).toBe('renew')
  })
})
