import { expect, test } from 'vitest'
import { loadConfig } from './load.ts'
import { publishedPolicy } from './tiers.ts'
import { tierLimits } from './tiers.ts'

test('the published policy has the limits that the queue reads', () => {
  const config = loadConfig({ process: {}, local: { tiers: { seed: { concurrency: 7 } } } })
  const limits = tierLimits(config)
  const { tiers } = publishedPolicy(config, limits)
  expect(limits.seed).toEqual({
    intervalMs: 1000,
    concurrency: 7,
    maxWaiting: 15,
    maxWaitMs: 60_000,
    weight: 4,
  })
  expect(tiers.seed).toMatchObject({ q: 7, w: 1, maxWaiting: 15, maxWaitSeconds: 60, pass: false })
  expect(tiers.nectar).toMatchObject({ q: 20, pass: true, sharedBy: 'subject' })
  expect(tiers.nectar).not.toHaveProperty('w')
  expect(tiers.anonymous).toMatchObject({ q: 1, w: 6, sharedBy: 'network' })
  expect(Object.keys(tiers)).toEqual(Object.keys(config.tiers))

  const changed = { ...limits, seed: { ...limits.seed, concurrency: 9 } }
  expect(publishedPolicy(config, changed).tiers.seed.q).toBe(9)
})

test('the published policy contains no secret, no host and no total of the queue', () => {
  const secret = 'not-for-strangers-'.repeat(2)
  const text = JSON.stringify(
    publishedPolicy(
      loadConfig({
        process: {},
        local: {
          publicUrl: 'https://gateway.example',
          auth: {
            allowedHosts: 'listed.example',
            tokens: [{ sha256: 'a'.repeat(64), sub: 'somebody' }],
            introspect: { url: 'https://auth.example', keyId: 'edge-key', secret },
          },
          queue: { concurrency: 4321, maxWaiting: 54_321, maxKeys: 65_432 },
          services: [{ name: 'text', path: '/', upstream: 'https://inner.example' }],
        },
      }),
    ),
  )
  for (const hidden of [
    secret,
    'example',
    'aaaa',
    'somebody',
    'edge-key',
    '4321',
    '54321',
    '65432',
    'weight',
  ]) {
    expect(text).not.toContain(hidden)
  }
})
