import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FerryError } from '../../core/errors.ts'
import { FakeClock } from '../../net/testing/FakeClock.ts'
import { sha256Hex } from '../digests.ts'
import { createRequestVerifier } from '../service/verifier.ts'
import {
  type RevocationFeedOptions,
  createRevocationFeed,
  createRevocationMap,
} from './revocations.ts'
import { createVerdictCache } from './verdict-cache.ts'

describe('createRevocationFeed', () => {
  const credential = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
  const url = 'https://auth.example/v1/revocations'
  const start = 1_800_000_000_000

  interface World {
    polls: number
    revokedSince: Record<string, unknown>
    answer: (signal: AbortSignal) => Promise<unknown>
  }

  function setUp(options: { maxEntries?: number; keepMs?: number } = {}) {
    const clock = new FakeClock(start)
    const failures: FerryError[] = []
    const world: World = {
      polls: 0,
      revokedSince: {},
      answer: async () => ({ revokedSince: world.revokedSince }),
    }
    const feed = createRevocationFeed({
      poll: async (signal) => {
        world.polls += 1
        // The first poll begins at once, so the test must have set the answer before.
        await Promise.resolve()
        return world.answer(signal)
      },
      clock,
      onFailure: (error) => void failures.push(error),
      ...options,
    })
    const tick = (): Promise<void> => clock.advance(0)
    return { clock, failures, world, feed, tick }
  }

  test('polls at once and every 30 s, until it is closed', async () => {
    const { clock, world, feed, tick } = setUp()
    world.revokedSince = { k1: start - 5 }
    await tick()
    expect(feed.revokedSince('k1')).toBe(start - 5)
    expect(feed.revokedSince('k2')).toBeUndefined()
    world.revokedSince = { k2: start }
    await clock.advance(29_999)
    expect(feed.revokedSince('k2')).toBeUndefined()
    await clock.advance(1)
    expect(feed.revokedSince('k2')).toBe(start)
    expect(feed.revokedSince('k1')).toBe(start - 5)
    feed.close()
    await clock.advance(60_000)
    expect(world.polls).toBe(2)
    expect(clock.sleeping).toBe(0)
    expect(feed.revokedSince('k2')).toBe(start)
    await feed.refresh()
    expect(world.polls).toBe(2)
  })

  test('a slow poll does not delay the next one', async () => {
    const { clock, world, tick } = setUp()
    world.answer = async () => {
      await clock.sleep(4000)
      return { revokedSince: {} }
    }
    await tick()
    await clock.advance(4000)
    await clock.advance(26_000)
    expect(world.polls).toBe(2)
  })

  test('a failure is reported and keeps known revocations', async () => {
    const { clock, world, feed, failures, tick } = setUp()
    world.revokedSince = { k1: start }
    await tick()
    expect(feed.updatedAt).toBe(start)
    const answers: (() => Promise<unknown>)[] = [
      () => Promise.reject(new Error('connection refused')),
      async () => 'nonsense',
      async () => ({ revoked: [] }),
      async () => ({ revokedSince: ['k1'] }),
      () => new Promise(() => {}),
    ]
    for (const answer of answers) {
      world.answer = answer
      await clock.advance(30_000)
      await clock.advance(5000)
      await clock.advance(0)
      expect(feed.revokedSince('k1')).toBe(start)
    }
    expect(feed.updatedAt).toBe(start)
    expect(failures.map(({ code }) => code)).toEqual([
      'network',
      'protocol',
      'protocol',
      'protocol',
      'timeout',
    ])
    world.answer = async () => ({ revokedSince: { k2: start } })
    await clock.advance(30_000)
    expect(feed.revokedSince('k2')).toBe(start)
  })

  test('one bad entry does not hide the others, whatever their names', async () => {
    const { feed, failures, world, tick } = setUp()
    const json = `{"revokedSince":{"bad":"yesterday","worse":null,"constructor":${start},"__proto__":${start}}}`
    world.answer = async () => JSON.parse(json) as unknown
    await tick()
    expect(feed.revokedSince('constructor')).toBe(start)
    expect(feed.revokedSince('__proto__')).toBe(start)
    expect(feed.revokedSince('toString')).toBeUndefined()
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('2 entries')])
  })

  test('a revocation from the future counts from now', async () => {
    const { feed, world, tick } = setUp()
    world.revokedSince = { k1: start + 3_600_000 }
    await tick()
    expect(feed.revokedSince('k1')).toBe(start)
  })

  test('polls never overlap', async () => {
    const { clock, feed, world, tick } = setUp()
    world.answer = async () => {
      await clock.sleep(100)
      return { revokedSince: {} }
    }
    await tick()
    await clock.advance(100)
    const both = [feed.refresh(), feed.refresh()]
    await tick()
    await clock.advance(100)
    await Promise.all(both)
    expect(world.polls).toBe(2)
  })

  test('closing ends a poll under way without reporting a failure', async () => {
    const { feed, failures, world, tick, clock } = setUp()
    let signal: AbortSignal | undefined
    world.answer = (given) => {
      signal = given
      return new Promise(() => {})
    }
    await tick()
    expect(signal?.aborted).toBe(false)
    feed.close()
    await tick()
    expect(signal?.aborted).toBe(true)
    expect(failures).toEqual([])
    expect(clock.sleeping).toBe(0)
  })

  test('it is bounded; an evicted revocation makes older verdicts be checked again', async () => {
    const { feed, world, clock, tick } = setUp({ maxEntries: 2 })
    world.revokedSince = { a: start - 4, b: start - 3, c: start - 2, d: start - 1 }
    await tick()
    expect(['a', 'b', 'c', 'd', 'e'].map((keyId) => feed.revokedSince(keyId))).toEqual([
      start - 3,
      start - 3,
      start - 2,
      start - 1,
      start - 3,
    ])
    world.revokedSince = {}
    await clock.advance(600_000)
    expect(['a', 'd', 'e'].map((keyId) => feed.revokedSince(keyId))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('a revoked token is refused 30 s later at the latest', async () => {
    const { feed, world, clock, tick } = setUp()
    const state = { revoked: false }
    const validate = createVerdictCache(
      async () =>
        state.revoked ? { state: 'invalid' } : { state: 'valid', sub: 'u1', keyId: 'k1' },
      { clock, revocations: feed },
    )
    const ask = async (): Promise<string> => (await validate('t', sha256Hex('t'))).state
    await tick()
    await clock.advance(500)
    expect(await ask()).toBe('valid')
    await clock.advance(100)
    state.revoked = true
    world.revokedSince = { k1: clock.now() }
    await clock.advance(29_399)
    expect(await ask()).toBe('valid')
    await clock.advance(1)
    expect(await ask()).toBe('invalid')
    feed.close()
  })

  function byAddress(answer: (request: Request) => Response | Promise<Response>) {
    const clock = new FakeClock(start)
    const failures: FerryError[] = []
    const feed = createRevocationFeed({
      url,
      credential,
      clock,
      fetch: async (address, init) =>
        answer(new Request(address, { headers: init?.headers ?? {} })),
      onFailure: (error) => void failures.push(error),
    })
    return { clock, failures, feed }
  }

  test('a URL is polled with a signed request', async () => {
    const verify = createRequestVerifier([credential], { clock: new FakeClock(start) })
    const { clock, feed, failures } = byAddress(async (request) => {
      const caller = await verify(request)
      return caller.state === 'verified'
        ? Response.json({ revokedSince: { k1: start } })
        : new Response(null, { status: 401 })
    })
    await clock.advance(0)
    expect(feed.revokedSince('k1')).toBe(start)
    expect(failures).toEqual([])
    feed.close()
  })

  test.each<[string, () => Response, string]>([
    ['500', () => new Response('', { status: 500 }), 'http'],
    ['401', () => new Response('', { status: 401 }), 'unauthorized'],
    ['no JSON', () => new Response('<html>'), 'protocol'],
    ['3 MB', () => new Response('x'.repeat(3_000_000)), 'protocol'],
  ])('%s is a failure', async (_, answer, code) => {
    const { clock, feed, failures } = byAddress(answer)
    await clock.advance(0)
    await clock.advance(0)
    expect(failures.map((failure) => failure.code)).toEqual([code])
    feed.close()
  })

  test.each([
    { url: 'nowhere', credential },
    { url, credential: { keyId: 'a', secret: 'short' } },
    { poll: async () => null, everyMs: 0 },
    { poll: async () => null, keepMs: Number.NaN },
  ] as RevocationFeedOptions[])('%# stops the start', (options) => {
    const start = (): unknown => createRevocationFeed(options)
    expect(start).toThrow(expect.objectContaining({ code: 'configuration' }))
  })
})

describe('createRevocationMap', () => {
  const keepMs = 1000
  const step = fc.record({
    wait: fc.nat(400),
    revoked: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(600)),
  })

  test('stays bounded, and never reports a revocation later than it happened', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const map = createRevocationMap(3, keepMs)
        const model = new Map<string, number>()
        let now = 10_000
        for (const { wait, revoked } of steps) {
          now += wait
          const ages = Object.entries(revoked)
          const said = new Map(ages.map(([keyId, age]) => [keyId, now - age]))
          for (const [keyId, since] of said) {
            model.set(keyId, Math.max(since, model.get(keyId) ?? since))
          }
          map.add(said, now)
          expect(map.size).toBeLessThanOrEqual(3)
          for (const [keyId, since] of model) {
            if (since >= now - keepMs) expect(map.revokedSince(keyId)).toBeGreaterThanOrEqual(since)
          }
        }
      }),
    )
  })

  test('removes revocations that are too old to matter', () => {
    const map = createRevocationMap(10, keepMs)
    map.add(new Map([['a', 0]]), keepMs)
    expect([map.size, map.revokedSince('a')]).toEqual([1, 0])
    map.add(new Map(), keepMs + 1)
    expect([map.size, map.revokedSince('a')]).toEqual([0, undefined])
  })
})
