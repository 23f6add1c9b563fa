import { describe, expect, test } from 'vitest'
import { createAuth } from '../auth/index.ts'
import { createQueue } from '../queue/index.ts'
import { defaultBodyLimits } from './body.ts'
import { completeOptions, type GatewayOptions } from './options.ts'
import type { Service } from './service.ts'
import { limits } from './testing/limits.ts'

const service = (name: string, path: string): Service => ({
  name,
  path,
  handle: async () => new Response(),
})
const given: GatewayOptions = {
  auth: createAuth(),
  queue: createQueue(),
  limits,
  services: [service('hub', '/'), service('text', '/v1/text/')],
}
const load = { running: 0 }

describe('completeOptions', () => {
  test('adds the documented defaults', () => {
    const settings = completeOptions(given, load)
    expect(settings).toMatchObject({
      realm: 'modelferry',
      headersMs: 120_000,
      idleMs: 120_000,
      body: defaultBodyLimits,
      observers: [],
      rollout: { mode: 'enforce', percent: 100 },
    })
    expect(settings.log).toBeUndefined()
    expect(settings.load).toBe(load)
    expect(settings.own.has('/metrics')).toBe(false)
    expect(settings.publicUrl(new Request('https://gateway.example/'), null)).toBeUndefined()
  })

  test('keeps what is given, and only completes limits of bodies', () => {
    const settings = completeOptions({ ...given, idleMs: 5, body: { idleMs: 7 } }, load)
    expect(settings.idleMs).toBe(5)
    expect(settings.body).toEqual({ ...defaultBodyLimits, idleMs: 7 })
  })

  test('puts the longest path first, and leaves the given list as it is', () => {
    const names = (services: readonly Service[]): string[] => services.map(({ name }) => name)
    expect(names(completeOptions(given, load).services)).toEqual(['text', 'hub'])
    expect(names(given.services)).toEqual(['hub', 'text'])
  })

  test.each<[string, Partial<GatewayOptions>]>([
    ['headersMs', { headersMs: 0 }],
    ['idleMs', { idleMs: Number.NaN }],
    ['body.minRate', { body: { minRate: -1 } }],
    ['realm', { realm: 'a"b' }],
    ['realm', { realm: 'a\nb' }],
    ['rollout', { rollout: { mode: 'enforce', percent: 101 } }],
    ['path', { services: [service('hub', '/v1')] }],
  ])('refuses a wrong value and names it: %s', (name, change) => {
    expect(() => completeOptions({ ...given, ...change }, load)).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining(name) as string,
      }),
    )
  })
})
