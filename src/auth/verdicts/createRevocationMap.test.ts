import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRevocationMap } from './revocations.ts'

const keepMs = 1000
const step = fc.record({
  wait: fc.nat(400),
  revoked: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(600)),
})

test('stays bounded, and says no key is revoked later than it knows', () => {
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

test('forgets what is too old to matter', () => {
  const map = createRevocationMap(10, keepMs)
  map.add(new Map([['a', 0]]), keepMs)
  expect([map.size, map.revokedSince('a')]).toEqual([1, 0])
  map.add(new Map(), keepMs + 1)
  expect([map.size, map.revokedSince('a')]).toEqual([0, undefined])
})
