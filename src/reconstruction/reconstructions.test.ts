import { expect, test, vi, describe } from 'vitest'
import { FakeNet } from '../net/testing/FakeNet.ts'
import type { FileInfo } from '../data/index.ts'
import { memoryRecordStore, type RecordStore } from './record-store.ts'
import { Reconstructions, type Locks, isUsable, oncePerOrigin } from './reconstructions.ts'
import { FakeClock } from '../net/testing/FakeClock.ts'

describe('Reconstructions', () => {
  const hash = 'f'.repeat(64)
  const xorb = 'a'.repeat(64)
  const start = 1_800_000_000_000
  const whole = { start: 0, end: 1_000 }

  const info: FileInfo = {
    url: 'https://hub.example/o/r/resolve/main/f',
    size: 1_000,
    content: `xet:${hash}`,
    xetHash: hash,
    tokenUrl: 'https://hub.example/token',
    fetchedAt: start,
  }

  /** A hub and a CAS; every reconstruction has new URLs that are valid for a minute. */
  class World extends FakeNet {
    calls = 0
    chunks = 1
    version: 1 | 2 = 2
    missing = 404
    refused = new Set<string>()
    tokens = 0
    #gate: Promise<void> | undefined

    constructor() {
      super(async ({ url, headers }) => {
        if (url.pathname === '/token') {
          const exp = this.clock.now() / 1000 + 600
          return Response.json({
            accessToken: `t${++this.tokens}`,
            exp,
            casUrl: 'https://cas.example',
          })
        }
        await this.#gate
        if (this.refused.has(headers.get('authorization') ?? '')) return status(401)
        if (!url.pathname.startsWith(`/v${this.version}/`)) return status(this.missing)
        if (url.pathname.split('/').at(-1) !== hash) return status(404)
        return Response.json(this.#reconstruction(headers.get('range') ?? ''))
      }, start)
    }

    /** Delays responses of the CAS until the returned function is called. */
    hold(): () => void {
      const gate = new EventTarget()
      this.#gate = new Promise((resolve) => gate.addEventListener('open', () => resolve()))
      return () => void gate.dispatchEvent(new Event('open'))
    }

    /** Requests to the CAS. */
    get reconstructions(): string[] {
      return this.asked.filter((path) => path.startsWith('/v'))
    }

    #reconstruction(range: string): object {
      this.calls++
      const [first = 0, last = 0] = range.replace('bytes=', '').split('-').map(Number)
      const url = `https://cdn.example/x?Expires=${this.clock.now() / 1000 + 60}&n=${this.calls}`
      const chunks = { start: 0, end: this.chunks }
      const bytes = { start: 0, end: 999 }
      const terms = [{ hash: xorb, unpacked_length: last + 1 - first, range: chunks }]
      const common = { offset_into_first_range: 0, terms }
      return this.version === 2
        ? { ...common, xorbs: { [xorb]: [{ url, ranges: [{ chunks, bytes }] }] } }
        : { ...common, fetch_info: { [xorb]: [{ url, range: chunks, url_range: bytes }] } }
    }
  }

  const status = (code: number): Response => new Response(null, { status: code })

  function setUp(store: RecordStore = memoryRecordStore()) {
    const world = new World()
    const onEvent = vi.fn()
    return { world, store, onEvent, files: new Reconstructions({ net: world, store, onEvent }) }
  }

  test('sends one request, then answers from the record while its URLs are usable', async () => {
    const { world, store, files, onEvent } = setUp()
    const block = await files.block(info, whole)
    expect(block).toMatchObject({ range: whole, generation: 1, fetchedAt: start, skew: 0 })
    expect(block.deadline).toBe(start + 60_000)
    await world.clock.advance(44_999)
    expect(await files.block(info, whole)).toEqual(block)
    // A new session has only the record.
    const later = new Reconstructions({ net: world, store })
    expect(await later.block(info, whole)).toEqual(block)
    expect(world.asked).toEqual(['/token', `/v2/reconstructions/${hash} Bearer t1`])
    expect(await store.get(info.content)).toEqual({ blocks: [block] })
    expect(onEvent).not.toHaveBeenCalled()
  })

  test('a stale record is replaced before it is used, with an event', async () => {
    const { world, store, files, onEvent } = setUp()
    const before = await files.block(info, whole)
    await world.clock.advance(45_000)
    const after = await files.block(info, whole)
    expect(after.generation).toBe(2)
    expect(after.descriptors[0]?.url).not.toBe(before.descriptors[0]?.url)
    const { content, url } = info
    const renewed = { content, url, generation: 2 }
    expect(onEvent.mock.calls).toEqual([[renewed]])
    expect((await store.get(content))?.blocks).toEqual([after])
  })

  test('a refused block is renewed by one call for all holders, also for late ones', async () => {
    const { world, files, onEvent } = setUp()
    const refused = await files.block(info, whole)
    const renewed = await Promise.all(Array.from({ length: 5 }, () => files.renew(info, refused)))
    const late = await files.renew(info, refused)
    expect(new Set([...renewed, late].map((block) => JSON.stringify(block))).size).toBe(1)
    expect(late.generation).toBe(2)
    expect(world.reconstructions).toHaveLength(2)
    expect(onEvent).toHaveBeenCalledTimes(1)
  })

  test('a second refusal is a second renewal', async () => {
    const { world, files } = setUp()
    const first = await files.block(info, whole)
    const second = await files.renew(info, first)
    const third = await files.renew(info, second)
    expect([first, second, third].map((block) => block.generation)).toEqual([1, 2, 3])
    expect(world.reconstructions).toHaveLength(3)
  })

  test('a renewed block has the runs of the new answer', async () => {
    const { world, files, onEvent } = setUp()
    const block = await files.block(info, whole)
    world.chunks = 2
    expect((await files.renew(info, block)).runs[0]?.chunks.end).toBe(2)
    expect(onEvent.mock.calls[0]?.[0]).toMatchObject({ generation: 2 })
  })

  test('a block without a record is renewed too', async () => {
    const { store, files } = setUp()
    const block = await files.block(info, whole)
    await files.forget(info.content)
    expect(await store.get(info.content)).toBeUndefined()
    expect((await files.renew(info, block)).generation).toBe(2)
  })

  test('when the first waiter aborts, the others get their block from the same call', async () => {
    const { world, files } = setUp()
    const open = world.hold()
    const controller = new AbortController()
    const first = files.block(info, whole, { signal: controller.signal })
    const second = files.block(info, whole)
    await vi.waitFor(() => expect(world.reconstructions).toHaveLength(1))
    controller.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    open()
    expect((await second).generation).toBe(1)
    expect(world.reconstructions).toHaveLength(1)
    expect(world.clock.sleeping).toBe(0)
  })

  test('the call ends with its last waiter, and nothing is stored', async () => {
    const { world, store, files } = setUp()
    const open = world.hold()
    const controller = new AbortController()
    const only = files.block(info, whole, { signal: controller.signal })
    await vi.waitFor(() => expect(world.reconstructions).toHaveLength(1))
    controller.abort(new Error('gone'))
    await expect(only).rejects.toThrow('gone')
    open()
    await world.clock.advance(0)
    expect(await store.get(info.content)).toBeUndefined()
    expect(world.clock.sleeping).toBe(0)
  })

  test('ranges are limited to the file, and have separate blocks', async () => {
    const { world, store, files } = setUp()
    const head = await files.block(info, { start: 0, end: 400 })
    const tail = await files.block(info, { start: 400, end: 9_999 })
    expect(tail.range).toEqual({ start: 400, end: 1_000 })
    expect(tail.runs[0]?.offset).toBe(400)
    expect((await store.get(info.content))?.blocks).toEqual([tail, head])
    expect((await files.block(info, { start: 1_000, end: 2_000 })).runs).toEqual([])
    const empty = await files.block({ ...info, size: 0 }, { start: 0, end: 0 })
    expect(await files.renew(info, empty)).toBe(empty)
    expect(world.reconstructions).toHaveLength(2)
  })

  test.each([404, 501])(
    'version 2 is not offered (%i): version 1 is used, and remembered',
    async (code) => {
      const { world, files } = setUp()
      world.version = 1
      world.missing = code
      const block = await files.block(info, whole)
      await files.renew(info, block)
      expect(world.reconstructions.map((path) => path.slice(0, 3))).toEqual(['/v2', '/v1', '/v1'])
    },
  )

  test('a hash that neither version knows is not found, also once version 2 has worked: it may be taken back at any time', async () => {
    const { world, files } = setUp()
    const unknown = { ...info, xetHash: 'e'.repeat(64), content: 'xet:e' }
    await expect(files.block(unknown, whole)).rejects.toMatchObject({ code: 'not-found' })
    await files.block(info, whole)
    await expect(files.block(unknown, whole)).rejects.toMatchObject({ code: 'not-found' })
    expect(world.reconstructions.map((path) => path.slice(0, 3))).toEqual([
      '/v2',
      '/v1',
      '/v2',
      '/v2',
      '/v1',
    ])
  })

  test('a refused token is renewed once, then it is an error', async () => {
    const { world, files } = setUp()
    world.refused.add('Bearer t1')
    expect((await files.block(info, whole)).generation).toBe(1)
    for (const token of ['t2', 't3', 't4']) world.refused.add(`Bearer ${token}`)
    const block = files.block(info, { start: 0, end: 10 })
    await expect(block).rejects.toMatchObject({ code: 'unauthorized' })
    expect(world.tokens).toBe(3)
  })

  test.each([
    [403, 'forbidden'],
    [416, 'http'],
  ])('status %i is %s and does not change the record', async (code, name) => {
    const { world, store, files } = setUp()
    const block = await files.block(info, whole)
    world.answer = () => status(code)
    await expect(files.renew(info, block)).rejects.toMatchObject({ code: name, status: code })
    expect((await store.get(info.content))?.blocks).toEqual([block])
  })

  test('a malformed answer is a protocol error and stores nothing', async () => {
    const { world, store, files } = setUp()
    const answer = world.answer
    world.answer = async (request) =>
      request.url.pathname === '/token' ? await answer(request) : Response.json({ terms: 1 })
    await expect(files.block(info, whole)).rejects.toMatchObject({ code: 'protocol' })
    expect(await store.get(info.content)).toBeUndefined()
  })

  test('a clock hours ahead does not make every block stale', async () => {
    const { world, files } = setUp()
    const answer = world.answer
    world.answer = async (request) => {
      const response = await answer(request)
      if (request.url.pathname === '/token') return response
      const text = await response.text()
      return new Response(text.replaceAll(/Expires=\d+/g, `Expires=${start / 1000 - 7_200}`))
    }
    await files.block(info, whole)
    await files.block(info, whole)
    expect(world.reconstructions).toHaveLength(1)
  })

  test('realms that share locks and records make one call', async () => {
    const store = memoryRecordStore()
    const world = new World()
    const names: string[] = []
    let last: Promise<unknown> = Promise.resolve()
    const locks: Locks = {
      request: (name, _, work) => {
        names.push(name)
        const mine = last.then(work)
        last = mine
        return mine
      },
    }
    const realms = [1, 2, 3].map(() => new Reconstructions({ net: world, store, locks }))
    const blocks = await Promise.all(realms.map((realm) => realm.block(info, whole)))
    expect(new Set(blocks.map((block) => block.descriptors[0]?.url)).size).toBe(1)
    expect(world.reconstructions).toHaveLength(1)
    expect(names[0]).toBe(`modelferry:renew:xet:${hash}:0`)
  })
})

describe('isUsable', () => {
  const arrived = 1_000_000_000
  const hour = 3_600_000

  /** Cases: lifetime on arrival, skew, local time since arrival. */
  test.each([
    ['fresh', hour, 0, 0, true],
    ['a little more than a minute before its end', hour, 0, hour - 60_001, true],
    ['within the last minute', hour, 0, hour - 60_000, false],
    ['past', hour, 0, hour + 1, false],
    ['lifetime of one second, fresh', 1_000, 0, 0, true],
    ['lifetime of one second, three quarters passed', 1_000, 0, 750, false],
    ['clock behind, corrected', hour, 5 * hour, hour - 60_001, true],
    ['clock behind, corrected, past', hour, 5 * hour, hour - 60_000, false],
    ['expired on arrival: the clock is wrong, use until refused', -hour, 0, 10 * hour, true],
  ])('%s', (_, lifetime, skew, later, usable) => {
    const block = {
      range: { start: 0, end: 1 },
      runs: [],
      descriptors: [],
      fetchedAt: arrived,
      deadline: arrived + skew + lifetime,
      skew,
      generation: 1,
    }
    expect(isUsable(block, arrived + later)).toBe(usable)
    expect(isUsable({ ...block, deadline: null }, arrived + later)).toBe(true)
  })
})

describe('oncePerOrigin', () => {
  /** Another realm holds it permanently. */
  const taken: Locks = {
    request: (_, { signal }) =>
      new Promise((_, reject) => {
        const stop = (): void => reject(signal.reason)
        if (signal.aborted) stop()
        signal.addEventListener('abort', stop)
      }),
  }
  const free: Locks = { request: (_, __, work) => work() }
  const { signal } = new AbortController()
  const work = async (): Promise<string> => 'done'

  test('works with a lock and without locks', async () => {
    const clock = new FakeClock(0)
    expect(await oncePerOrigin({ locks: free, clock }, 'n', signal, work)).toBe('done')
    expect(await oncePerOrigin({ clock }, 'n', signal, work)).toBe('done')
    expect(clock.sleeping).toBe(0)
  })

  test('the wait for a holder that never finishes is limited', async () => {
    const clock = new FakeClock(0)
    const result = oncePerOrigin({ locks: taken, clock }, 'n', signal, work)
    await clock.advance(30_000)
    expect(await result).toBe('done')
  })

  test('an aborted waiter does no work', async () => {
    const clock = new FakeClock(0)
    const controller = new AbortController()
    const result = oncePerOrigin({ locks: taken, clock }, 'n', controller.signal, work)
    controller.abort(new Error('gone'))
    await expect(result).rejects.toThrow('gone')
    expect(clock.sleeping).toBe(0)
  })

  test('an error of the work is thrown, and the work is not repeated', async () => {
    const clock = new FakeClock(0)
    let runs = 0
    const fail = async (): Promise<never> => {
      runs++
      throw new Error('failed')
    }
    await expect(oncePerOrigin({ locks: free, clock }, 'n', signal, fail)).rejects.toThrow('failed')
    expect(runs).toBe(1)
  })
})
