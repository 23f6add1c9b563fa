import { expect, test } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { gatewayFromConfig } from './from-config.ts'
import { sha256Hex } from '../auth/digests.ts'

// Like in a service worker or at an edge: no Node, no socket, the same rules.
test('a gateway from a configuration runs in a browser', async () => {
  const lines: string[] = []
  const local = {
    auth: { tokens: [{ sha256: sha256Hex('tokseed00'), sub: 'u1', tier: 'seed' }] },
    tiers: { anonymous: { intervalSeconds: 60, maxWaiting: 0 } },
  }
  const gateway = gatewayFromConfig(loadConfig({ process: {}, local }), {
    write: (line) => lines.push(line),
    hub: { handle: async (_, { decision }) => Response.json({ tier: decision.tier }) },
  })
  const ask = async (authorization?: string, path = '/x'): Promise<Response> => {
    const headers = new Headers(authorization === undefined ? {} : { authorization })
    return await gateway.fetch(new Request(`https://api.example${path}`, { headers }), {
      peer: '203.0.113.7',
    })
  }
  try {
    const first = await ask()
    expect([first.status, await first.json()]).toEqual([200, { tier: 'anonymous' }])
    const second = await ask()
    expect(second.status).toBe(429)
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(60)
    expect(await second.json()).toMatchObject({ status: 429 })
    expect(await (await ask('Bearer tokseed00')).json()).toEqual({ tier: 'seed' })
    expect((await ask('Bearer tokseed01')).status).toBe(401)
    const policy = await ask(undefined, '/.well-known/modelferry-policy')
    expect(await policy.json()).toMatchObject({ tiers: { anonymous: { q: 1, w: 60 } } })
    expect(lines.join('')).not.toContain('tokseed0')
    expect(lines.length).toBeGreaterThan(8)
  } finally {
    gateway.close()
  }
})
