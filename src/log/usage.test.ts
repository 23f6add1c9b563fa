import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from '../core/async.ts'
import { createDailySalt } from './log.ts'
import { createUsage } from './usage.ts'

const clock: Clock = { now: () => Date.UTC(2026, 10, 22), sleep: () => Promise.resolve() }
const done = { runMs: 5, rejected: false }
const network = 'ip:203.0.113.7'

test('tokens are counted by subject, front ends by site and hashed network', () => {
  const salt = createDailySalt({ clock })
  const usage = createUsage({ salt })
  const one = { subject: null, site: 'app.example', network }
  usage.count({ subject: 'u1', site: 'app.example', network }, { runMs: 10, rejected: false })
  usage.count({ subject: 'u1', site: null, network: 'ip:unknown' }, { runMs: 0, rejected: true })
  usage.count(one, done)
  usage.count(one, done)
  usage.count({ ...one, network: 'ip:unknown' }, done)
  usage.count({ ...one, site: 'other.example' }, done)
  usage.count({ ...one, site: null }, done)
  const netHash = salt.hash(network)
  expect(usage.snapshot()).toEqual({
    day: '2026-11-22',
    subjects: [{ subject: 'u1', requests: 2, runMs: 10, rejected: 1 }],
    frontends: [
      { site: 'app.example', netHash, requests: 2, runMs: 10, rejected: 0 },
      { site: 'app.example', netHash: salt.hash('ip:unknown'), requests: 1, runMs: 5, rejected: 0 },
      { site: 'other.example', netHash, requests: 1, runMs: 5, rejected: 0 },
    ],
    others: { requests: 1, runMs: 5, rejected: 0 },
  })
  expect(JSON.stringify(usage.snapshot())).not.toContain('203.0.113')
})

test('the least recently used entry is evicted, within its kind', () => {
  const usage = createUsage({ maxEntries: 2, salt: createDailySalt({ clock }) })
  usage.count({ subject: null, site: 'app.example', network }, done)
  for (const subject of ['u1', 'u2', 'u1', 'u3'])
    usage.count({ subject, site: null, network }, done)
  const { subjects, frontends, others } = usage.snapshot()
  expect(subjects.map(({ subject }) => subject)).toEqual(['u1', 'u3'])
  expect(frontends).toHaveLength(1)
  expect(others).toEqual({ requests: 1, runMs: 5, rejected: 0 })
})

test('is bounded, and the tallies add up to all counted requests', () => {
  const who = fc.record({
    subject: fc.option(fc.string({ unit: 'binary', maxLength: 3 })),
    site: fc.option(fc.constantFrom('app.example', 'other.example')),
    network: fc.constantFrom('ip:1.1.1.1', 'ip:1.1.1.2', 'ip:unknown'),
  })
  const what = fc.record({ runMs: fc.nat(), rejected: fc.boolean() })
  const counts = fc.array(fc.tuple(who, what), { maxLength: 100 })
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 5 }), (given, maxEntries) => {
      const usage = createUsage({ maxEntries, salt: createDailySalt({ clock }) })
      for (const [one, did] of given) usage.count(one, did)
      const { subjects, frontends, others } = usage.snapshot()
      expect(subjects.length).toBeLessThanOrEqual(maxEntries)
      expect(frontends.length).toBeLessThanOrEqual(maxEntries)
      const all = [...subjects, ...frontends, others]
      const sum = (of: 'requests' | 'runMs' | 'rejected'): number =>
        all.reduce((total, tally) => total + tally[of], 0)
      expect(sum('requests')).toBe(given.length)
      expect(sum('runMs')).toBe(given.reduce((total, [, { runMs }]) => total + runMs, 0))
      expect(sum('rejected')).toBe(given.filter(([, { rejected }]) => rejected).length)
    }),
  )
})

test('100,000 networks do not exceed the bound', () => {
  const usage = createUsage({ maxEntries: 1000, salt: createDailySalt({ clock }) })
  for (let at = 0; at < 100_000; at++)
    usage.count({ subject: null, site: 'app.example', network: `ip:${at}` }, done)
  const { frontends, others } = usage.snapshot()
  expect([frontends.length, others.requests]).toEqual([1000, 99_000])
})

test('a new day starts empty', () => {
  let now = Date.UTC(2026, 10, 22, 23)
  const salt = createDailySalt({ clock: { ...clock, now: () => now } })
  const usage = createUsage({ salt })
  const known = { subject: null, site: 'app.example', network }
  usage.count(known, done)
  usage.count({ ...known, subject: 'u1' }, done)
  usage.count({ ...known, site: null }, done)
  const [before] = usage.snapshot().frontends
  now += 60 * 60 * 1000
  const others = { requests: 0, runMs: 0, rejected: 0 }
  expect(usage.snapshot()).toEqual({ day: '2026-11-23', subjects: [], frontends: [], others })
  usage.count(known, done)
  expect(usage.snapshot().frontends[0]?.netHash).not.toBe(before?.netHash)
})
