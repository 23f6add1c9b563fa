import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../net/testing/FakeClock.ts'
import { sha256Hex } from '../digests.ts'
import type { TimedVerdict, Verdict } from '../token-validation.ts'
import {
  type CacheOutcome,
  type Lookup,
  type VerdictCacheOptions,
  type VerdictEntry,
  type VerdictRules,
  createVerdictCache,
  decideLookup,
} from './verdict-cache.ts'

describe('createVerdictCache', () => {
  const start = 1_800_000_000_000
  const seed = { state: 'valid', sub: 'u1', tier: 'seed', keyId: 'k1' } as const
  const stale = { ...seed, stale: true }
  const invalid = { state: 'invalid' } as const
  const down = { state: 'unavailable' } as const

  function setUp(options: VerdictCacheOptions = {}) {
    const clock = new FakeClock(start)
    const outcomes: CacheOutcome[] = []
    const asked: string[] = []
    const world: { answer: (token: string) => Promise<TimedVerdict> } = { answer: async () => seed }
    const cached = createVerdictCache(
      (token) => {
        asked.push(token)
        return world.answer(token)
      },
      { clock, count: (outcome) => void outcomes.push(outcome), ...options },
    )
    const ask = (token = 'tokseed00'): Promise<Verdict> => cached(token, sha256Hex(token))
    const tick = (): Promise<void> => clock.advance(0)
    const says = (verdict: TimedVerdict): void => void (world.answer = async () => verdict)
    return { clock, outcomes, asked, world, ask, tick, says }
  }

  function deferred() {
    const settlers: ((verdict: TimedVerdict) => void)[] = []
    const promise = new Promise<TimedVerdict>((resolve) => void settlers.push(resolve))
    return { promise, settle: (verdict: TimedVerdict) => settlers[0]?.(verdict) }
  }

  function revocable(options: VerdictCacheOptions = {}) {
    const since = new Map<string, number>()
    const revocations = { revokedSince: (keyId: string) => since.get(keyId) }
    return { since, ...setUp({ revocations, ...options }) }
  }

  test('a fresh verdict is used without a validation', async () => {
    const { clock, outcomes, asked, ask } = setUp()
    expect(await ask()).toEqual(seed)
    await clock.advance(59_999)
    expect(await ask()).toEqual(seed)
    expect(asked).toHaveLength(1)
    expect(outcomes).toEqual(['miss', 'hit'])
  })

  test('a verdict past its freshness is used, marked stale, and revalidated in the background', async () => {
    const { clock, outcomes, asked, ask, tick } = setUp()
    await ask()
    await clock.advance(60_000)
    expect(await ask()).toEqual(stale)
    await tick()
    expect(asked).toHaveLength(2)
    expect(await ask()).toEqual(seed)
    await clock.advance(59_999)
    expect(await ask()).toEqual(seed)
    expect(outcomes).toEqual(['miss', 'stale', 'hit', 'hit'])
  })

  test('after 300 s it is not used at all', async () => {
    const { clock, outcomes, ask, says } = setUp()
    await ask()
    await clock.advance(300_000)
    says(invalid)
    expect(await ask()).toEqual(invalid)
    expect(outcomes).toEqual(['miss', 'miss'])
  })

  test('the age of a verdict counts from the start of its validation', async () => {
    const { clock, ask, world, outcomes } = setUp()
    world.answer = async () => {
      await clock.sleep(4000)
      return seed
    }
    const first = ask()
    await clock.advance(4000)
    await first
    await clock.advance(56_000)
    await ask()
    expect(outcomes).toEqual(['miss', 'stale'])
  })

  test('a revalidation with the result invalid replaces it', async () => {
    const { clock, ask, tick, says } = setUp()
    await ask()
    says(invalid)
    await clock.advance(60_000)
    expect(await ask()).toEqual(stale)
    await tick()
    expect(await ask()).toEqual(invalid)
  })

  test('a negative verdict lives for 10 s and is never stale', async () => {
    const { clock, outcomes, asked, ask, says } = setUp()
    says(invalid)
    expect(await ask()).toEqual(invalid)
    await clock.advance(9999)
    expect(await ask()).toEqual(invalid)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    says(down)
    expect(await ask()).toEqual(down)
    says(seed)
    expect(await ask()).toEqual(seed)
    expect(outcomes).toEqual(['miss', 'hit', 'error', 'miss'])
  })

  describe('the validator is down and no verdict is stored', () => {
    test.each<[string, () => Promise<TimedVerdict>]>([
      ['says so', async () => ({ ...down, retryAfterMs: 2000 })],
      ['rejects', () => Promise.reject(new Error('connection refused'))],
      [
        'throws',
        () => {
          throw new Error('bug')
        },
      ],
      ['answers nothing', async () => undefined as unknown as TimedVerdict],
      ['returns an unknown state', async () => ({ state: 'perhaps' }) as unknown as TimedVerdict],
    ])('it %s: unavailable, not stored, and the next call succeeds at once', async (_, answer) => {
      const { ask, says, world, outcomes } = setUp()
      world.answer = answer
      expect(await ask()).toMatchObject(down)
      expect(await ask()).toMatchObject(down)
      says(seed)
      expect(await ask()).toEqual(seed)
      expect(outcomes).toEqual(['error', 'error', 'miss'])
    })

    test('its retry delay is passed on', async () => {
      const { ask, says } = setUp()
      says({ ...down, retryAfterMs: 2000 })
      expect(await ask()).toEqual({ ...down, retryAfterMs: 2000 })
    })

    test('it hangs: unavailable after 5 s, and its later answer is ignored', async () => {
      const { ask, clock, world, says } = setUp()
      const late = deferred()
      world.answer = () => late.promise
      const answer = ask()
      await clock.advance(4999)
      const joined = ask()
      await clock.advance(1)
      expect([await answer, await joined]).toEqual([down, down])
      late.settle(seed)
      says(invalid)
      expect(await ask()).toEqual(invalid)
      expect(clock.sleeping).toBe(0)
    })
  })

  describe('the validator is down and a verdict is stored', () => {
    test('the stored verdict is used, marked stale, until it is 300 s old', async () => {
      const { clock, outcomes, ask, tick, says } = setUp()
      await ask()
      says(down)
      await clock.advance(240_000)
      expect(await ask()).toEqual(stale)
      await tick()
      expect(await ask()).toEqual(stale)
      await clock.advance(59_999)
      expect(await ask()).toEqual(stale)
      await clock.advance(1)
      expect(await ask()).toEqual(down)
      expect(outcomes).toEqual(['miss', 'stale', 'stale', 'stale', 'error'])
    })

    test('the validator is called again, but not for every request', async () => {
      const { clock, asked, ask, tick, says } = setUp()
      await ask()
      says({ ...down, retryAfterMs: 3000 })
      await clock.advance(60_000)
      for (let at = 0; at < 5; at += 1) {
        await ask()
        await tick()
      }
      expect(asked).toHaveLength(2)
      says(seed)
      await clock.advance(3000)
      expect(await ask()).toEqual(stale)
      await tick()
      expect(await ask()).toEqual(seed)
      expect(asked).toHaveLength(3)
    })

    test('with a longer errorMs, it asks first', async () => {
      const { clock, outcomes, ask, says } = setUp({ errorMs: 600_000 })
      await ask()
      says(down)
      await clock.advance(300_000)
      expect(await ask()).toEqual(stale)
      says(invalid)
      await clock.advance(1000)
      expect(await ask()).toEqual(invalid)
      expect(outcomes).toEqual(['miss', 'stale', 'miss'])
    })

    test('a background validation that hangs ends, and another one can start', async () => {
      const { clock, asked, ask, world, says, tick } = setUp()
      await ask()
      world.answer = () => new Promise(() => {})
      await clock.advance(60_000)
      expect(await ask()).toEqual(stale)
      await clock.advance(4999)
      expect(await ask()).toEqual(stale)
      expect(asked).toHaveLength(2)
      await clock.advance(1)
      expect(clock.sleeping).toBe(0)
      says(seed)
      await clock.advance(1000)
      await ask()
      await tick()
      expect(await ask()).toEqual(seed)
    })

    test('a token that expires meanwhile is not used', async () => {
      const { clock, ask, says } = setUp()
      says({ ...seed, expiresAt: start + 90_000 })
      await ask()
      says(down)
      await clock.advance(89_999)
      expect(await ask()).toMatchObject({ state: 'valid', stale: true })
      await clock.advance(1)
      expect(await ask()).toEqual(down)
    })
  })

  describe('revocation', () => {
    test('a revoked key is refused on the next call, though its verdict is fresh', async () => {
      const { clock, since, ask, says, outcomes } = revocable()
      await ask()
      await clock.advance(10_000)
      since.set('k1', clock.now() - 1)
      says(invalid)
      expect(await ask()).toEqual(invalid)
      expect(outcomes).toEqual(['miss', 'miss'])
    })

    test('it is refused while the validator is down too, for as long as the verdict would have been used', async () => {
      const { clock, since, ask, says } = revocable()
      await ask()
      await clock.advance(10_000)
      since.set('k1', clock.now())
      says(down)
      expect(await ask()).toEqual(invalid)
      await clock.advance(289_999)
      expect(await ask()).toEqual(invalid)
      await clock.advance(1)
      expect(await ask()).toEqual(down)
    })

    test('a reissued key works once it is validated after the revocation', async () => {
      const { clock, since, ask, asked } = revocable()
      await ask()
      await clock.advance(10_000)
      since.set('k1', clock.now())
      expect(await ask()).toEqual(seed)
      // Clocks may differ by 5 s: until then every call is validated.
      await clock.advance(4999)
      expect(await ask()).toEqual(seed)
      expect(asked).toHaveLength(3)
      await clock.advance(1)
      expect(await ask()).toEqual(seed)
      expect(await ask()).toEqual(seed)
      expect(asked).toHaveLength(4)
    })

    test('an answer from before a concurrent revocation is ignored', async () => {
      const { clock, since, ask, world, says } = revocable()
      world.answer = async () => {
        await clock.sleep(1000)
        return seed
      }
      const answer = ask()
      since.set('k1', clock.now() + 500)
      await clock.advance(1000)
      expect(await answer).toEqual(invalid)
      says(seed)
      expect(await ask()).toEqual(seed)
    })

    test('a stale verdict does not outlive it', async () => {
      const { clock, since, ask, says, tick } = revocable()
      await ask()
      says(down)
      await clock.advance(100_000)
      expect(await ask()).toEqual(stale)
      await tick()
      since.set('k1', clock.now())
      expect(await ask()).toEqual(invalid)
    })

    test('a key without an id is revoked by its digest prefix, as in logs', async () => {
      const { since, ask, says } = revocable()
      says({ state: 'valid', sub: 'u1' })
      await ask()
      since.set(sha256Hex('tokseed00').slice(0, 8), start)
      says(invalid)
      expect(await ask()).toEqual(invalid)
    })

    test('no token is accepted when the revocations throw', async () => {
      const revocations = {
        revokedSince: () => {
          throw new Error('no store')
        },
      }
      const { ask } = setUp({ revocations })
      expect([await ask(), await ask()]).toEqual([down, down])
    })

    test('no token is accepted when the revocations begin to throw later', async () => {
      const { since, ask, outcomes } = revocable()
      await ask()
      since.get = () => {
        throw new Error('no store')
      }
      expect(await ask()).toEqual(down)
      expect(outcomes).toEqual(['miss', 'error'])
    })

    test('without a working feed it takes 300 s at most', async () => {
      const { clock, ask, says } = setUp()
      await ask()
      says(down)
      let served = 0
      for (let second = 0; second < 400; second += 1) {
        await clock.advance(1000)
        if ((await ask()).state === 'valid') served = second + 1
      }
      expect(served).toBe(299)
    })
  })

  test('concurrent lookups of one token share one validation', async () => {
    const { ask, asked, world, outcomes } = setUp()
    const answer = deferred()
    world.answer = () => answer.promise
    const callers = Array.from({ length: 50 }, () => ask())
    answer.settle(seed)
    expect(await Promise.all(callers)).toEqual(callers.map(() => seed))
    expect(asked).toHaveLength(1)
    expect(outcomes).toEqual(callers.map(() => 'miss'))
  })

  test('many stale answers share one revalidation', async () => {
    const { clock, ask, asked, world, tick } = setUp()
    await ask()
    await clock.advance(60_000)
    world.answer = async () => {
      await clock.sleep(100)
      return seed
    }
    for (let at = 0; at < 50; at += 1) expect(await ask()).toEqual(stale)
    expect(asked).toHaveLength(2)
    await clock.advance(100)
    await tick()
    expect(await ask()).toEqual(seed)
  })

  test('the number of concurrent validations is bounded', async () => {
    const { ask, asked, clock, world } = setUp({ maxPending: 3 })
    world.answer = () => new Promise(() => {})
    const waiting = ['a', 'b', 'c'].map(ask)
    expect(await ask('d')).toEqual({ ...down, retryAfterMs: 1000 })
    expect(asked).toEqual(['a', 'b', 'c'])
    await clock.advance(5000)
    expect(await Promise.all(waiting)).toEqual([down, down, down])
  })

  test('the least recently used verdict is evicted first', async () => {
    const { ask, asked } = setUp({ maxEntries: 2 })
    await ask('a')
    await ask('b')
    await ask('a')
    await ask('c')
    await ask('a')
    await ask('c')
    expect(asked).toEqual(['a', 'b', 'c'])
    await ask('b')
    expect(asked).toEqual(['a', 'b', 'c', 'b'])
  })

  test('invalid tokens do not evict valid ones', async () => {
    const { ask, asked, world } = setUp({ maxEntries: 10 })
    world.answer = async (token) => (token.startsWith('tok') ? seed : invalid)
    await ask()
    for (let at = 0; at < 100; at += 1) await ask(`made-up-${at}`)
    const before = asked.length
    await ask()
    expect(asked).toHaveLength(before)
  })

  test('the validator may shorten the freshness', async () => {
    const { clock, ask, says, outcomes } = setUp()
    says({ ...seed, maxAgeMs: 5000 })
    expect(await ask()).toEqual(seed)
    await clock.advance(4999)
    await ask()
    await clock.advance(1)
    await ask()
    expect(outcomes).toEqual(['miss', 'hit', 'stale'])
  })

  test('the validator cannot prolong the freshness, and a verdict that arrives stale is revalidated', async () => {
    const { clock, ask, says, outcomes } = setUp()
    says({ ...seed, maxAgeMs: 1e9 })
    await ask('a')
    says(stale)
    await ask('b')
    await ask('b')
    await clock.advance(60_000)
    await ask('a')
    expect(outcomes).toEqual(['miss', 'miss', 'stale', 'stale'])
  })

  test('a clock that is set back prolongs no verdict', async () => {
    const { clock, ask, says } = setUp()
    await ask()
    await clock.advance(-1)
    says(down)
    expect(await ask()).toEqual(down)
  })

  test('an observer that throws has no effect', async () => {
    const { ask } = setUp({
      count: () => {
        throw new Error('observer')
      },
    })
    expect([await ask(), await ask()]).toEqual([seed, seed])
  })

  test.each([{ freshMs: -1 }, { staleMs: Number.NaN }, { maxEntries: Infinity }])(
    '%j stops the start',
    (options) => {
      const start = (): unknown => createVerdictCache(async () => invalid, options)
      expect(start).toThrow(expect.objectContaining({ code: 'configuration' }))
    },
  )

  test('for any sequence of events, an outage is never stored and no verdict is used past its lifetime', async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 200_000 }),
      says: fc.constantFrom<TimedVerdict>(seed, invalid, down),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { clock, ask, world, tick } = setUp()
        const saidAt = { valid: -Infinity, invalid: -Infinity, unavailable: -Infinity }
        for (const { wait, says: verdict } of steps) {
          await clock.advance(wait)
          world.answer = async () => {
            saidAt[verdict.state] = clock.now()
            return verdict
          }
          const { state } = await ask()
          const age = clock.now() - saidAt[state]
          expect(age).toBeLessThan({ valid: 300_000, invalid: 10_000, unavailable: 1 }[state])
          await tick()
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('decideLookup', () => {
  const rules: VerdictRules = {
    freshMs: 60_000,
    staleMs: 240_000,
    errorMs: 300_000,
    invalidMs: 10_000,
    skewMs: 5000,
  }
  const start = 1_800_000_000_000

  function decide(
    age: number,
    entry: Partial<VerdictEntry> = {},
    other: Partial<VerdictRules> = {},
    revokedSince?: number,
  ): Lookup {
    const kept: VerdictEntry = {
      verdict: { state: 'valid', sub: 'u1' },
      checkedAt: start,
      freshMs: 60_000,
      retryAt: 0,
      ...entry,
    }
    return decideLookup(kept, start + age, revokedSince, { ...rules, ...other })
  }

  test('no stored verdict: ask', () => {
    expect(decideLookup(undefined, start, undefined, rules)).toBe('ask')
  })

  test.each<[number, Lookup]>([
    [-1, 'ask'],
    [0, 'hit'],
    [59_999, 'hit'],
    [60_000, 'stale-ask'],
    [299_999, 'stale-ask'],
    [300_000, 'ask'],
  ])('a positive verdict %i ms old: %s', (age, lookup) => {
    expect(decide(age)).toBe(lookup)
  })

  test.each<[number, Lookup]>([
    [-1, 'ask'],
    [0, 'hit'],
    [9999, 'hit'],
    [10_000, 'ask'],
  ])('a negative verdict %i ms old: %s', (age, lookup) => {
    expect(decide(age, { verdict: { state: 'invalid' } })).toBe(lookup)
  })

  test.each<[number, number, Lookup]>([
    [100_000, 100_001, 'stale'],
    [100_000, 100_000, 'stale-ask'],
    [299_999, 310_000, 'stale'],
    [300_000, 310_000, 'ask'],
  ])('%i ms old, the next try %i ms after the beginning: %s', (age, retry, lookup) => {
    expect(decide(age, { retryAt: start + retry })).toBe(lookup)
  })

  test.each<[number, number, Lookup]>([
    // errorMs is more than freshMs + staleMs: in between it asks first.
    [500_000, 299_999, 'stale-ask'],
    [500_000, 300_000, 'ask-else-stale'],
    [500_000, 499_999, 'ask-else-stale'],
    [500_000, 500_000, 'ask'],
    // errorMs is less: it counts once a validation has failed.
    [100_000, 100_000, 'stale-ask'],
  ])('with errorMs %i, %i ms old: %s', (errorMs, age, lookup) => {
    expect(decide(age, {}, { errorMs })).toBe(lookup)
  })

  test('after a failure, errorMs limits the use even when it is the shorter time', () => {
    expect(decide(99_999, { retryAt: 1 }, { errorMs: 100_000 })).toBe('stale-ask')
    expect(decide(100_000, { retryAt: 1 }, { errorMs: 100_000 })).toBe('ask')
  })

  test('a verdict is not used past the expiry of its token', () => {
    const verdict = { state: 'valid', sub: 'u1', expiresAt: start + 30_000 } as const
    expect(decide(29_999, { verdict })).toBe('hit')
    expect(decide(30_000, { verdict })).toBe('ask')
  })

  test('the validator may set a shorter freshness', () => {
    expect(decide(4999, { freshMs: 5000 })).toBe('hit')
    expect(decide(5000, { freshMs: 5000 })).toBe('stale-ask')
    expect(decide(245_000, { freshMs: 5000 })).toBe('ask-else-stale')
  })

  test.each<[number, Lookup]>([
    [-5000, 'hit'],
    [-4999, 'ask-else-invalid'],
    [0, 'ask-else-invalid'],
    [1000, 'ask-else-invalid'],
  ])('a fresh verdict whose key was revoked %i ms after it: %s', (after, lookup) => {
    expect(decide(1000, {}, {}, start + after)).toBe(lookup)
  })

  test('a revoked verdict is ignored after its lifetime', () => {
    expect(decide(299_999, {}, {}, start + 1)).toBe('ask-else-invalid')
    expect(decide(300_000, {}, {}, start + 1)).toBe('ask')
  })
})
