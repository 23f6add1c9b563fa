import { expect, test, vi } from 'vitest'
import { type Auth, createAuth } from '../auth/auth.ts'
import type { AuthRequest } from '../auth/credential.ts'
import { isAmongPercent, type Rollout } from './decide.ts'
import { authOptions, testGateway, tokens } from './testing/test-gateway.ts'

const bearer = { headers: { authorization: `Bearer ${tokens.seed}` } }
/** Rules that know the pages, but no token. */
const previous = createAuth({ ...authOptions, validate: async () => ({ state: 'invalid' }) })
const never: Auth = { decide: () => Promise.reject(new Error('not to be asked')) }

test('shadow: the previous rules apply, and the decision of the new ones is logged', async () => {
  const gateway = testGateway({ rollout: { mode: 'shadow', previous } })
  const response = await gateway.ask('/x', bearer)
  expect(response.status).toBe(401)
  await vi.waitFor(() => expect(gateway.lines).toHaveLength(3))
  const decisions = gateway.lines.filter(({ event }) => event === 'auth.decision')
  expect(decisions.map(({ kind, reason, subject }) => [kind, reason, subject])).toEqual([
    ['rejected', 'INVALID_TOKEN', expect.stringMatching(/^[0-9a-f]{8}$/)],
    ['shadow:token', 'DB_TOKEN', 'u1'],
  ])
})

test('shadow without previous rules: all requests pass at once, without waiting for the shadow decision', async () => {
  const gateway = testGateway({
    rollout: { mode: 'shadow' },
    auth: { decide: () => new Promise(() => undefined) },
  })
  for (let each = 0; each < 9; each++) {
    const response = await gateway.ask('/x')
    expect(response.status).toBe(200)
    expect(response.headers.has('ratelimit')).toBe(false)
    await response.text()
  }
  expect(gateway.queue.totals.keys).toBe(0)
  expect(gateway.lines.map(({ event }) => event).slice(0, 2)).toEqual([
    'auth.decision',
    'request.end',
  ])
})

test('off and back again, without a restart', async () => {
  const gateway = testGateway()
  const unknown = { headers: { authorization: 'Bearer unknown-token' } }
  expect((await gateway.ask('/x', unknown)).status).toBe(401)
  gateway.setRollout({ mode: 'off' })
  expect((await gateway.ask('/x', unknown)).status).toBe(200)
  gateway.setRollout({ mode: 'off', previous })
  expect((await gateway.ask('/x', bearer)).status).toBe(401)
  gateway.setRollout({ mode: 'enforce' })
  expect((await gateway.ask('/x', bearer)).status).toBe(200)
  expect(() => gateway.setRollout({ mode: 'enforce', percent: 101 })).toThrow('101 percent')
  expect(() => gateway.setRollout({ mode: 'maybe' as 'off' })).toThrow('"maybe"')
  expect((await gateway.ask('/x', bearer)).status).toBe(200)
})

test('off: the new rules are not evaluated', async () => {
  const gateway = testGateway({ auth: never, rollout: { mode: 'off' } })
  expect((await gateway.ask()).status).toBe(200)
})

test('the new rules apply to a fixed part of the keys, which only grows with the percentage', async () => {
  const keys = Array.from({ length: 20_000 }, (_, at) => `ip:10.${at >> 8}.${at & 255}.1`)
  let before = new Set<string>()
  for (const percent of [0, 1, 10, 50, 99.9, 100]) {
    const chosen = new Set(keys.filter((key) => isAmongPercent(key, percent)))
    expect(Math.abs(chosen.size / keys.length - percent / 100)).toBeLessThan(0.015)
    expect([...before].every((key) => chosen.has(key))).toBe(true)
    before = chosen
  }
})

test('enforce for a part: the previous rules apply to the others', async () => {
  const gateway = testGateway({ rollout: { mode: 'enforce', percent: 50, previous: never } })
  const statuses = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const response = await gateway.ask('/x', { peer: `198.51.100.${at}` })
      return [response.status, isAmongPercent(`ip:198.51.100.${at}`, 50)]
    }),
  )
  expect(statuses.every(([status, isNew]) => status === (isNew ? 200 : 500))).toBe(true)
  expect(new Set(statuses.map(([status]) => status)).size).toBe(2)
})

test('rules change atomically: running requests keep the old ones', async () => {
  const gateway = testGateway({ realm: 'old' })
  const waiting = testGateway({
    realm: 'old',
    handle: async () => new Response(null, { status: 401 }),
  })
  const asked = waiting.ask()
  waiting.use({
    auth: never,
    queue: waiting.queue,
    limits: {} as never,
    services: [],
    realm: 'new',
  })
  expect((await asked).headers.get('www-authenticate')).toBe('Bearer realm="old"')
  expect((await waiting.ask()).status).toBe(404)
  expect(() => gateway.use({ realm: 'a"b' } as never)).toThrow('realm')
  expect((await gateway.ask()).status).toBe(200)
})

const rollouts: Rollout[] = [
  { mode: 'off' },
  { mode: 'shadow' },
  { mode: 'enforce', percent: 0 },
  { mode: 'off', previous },
  { mode: 'shadow', previous },
  { mode: 'enforce', percent: 0, previous },
  { mode: 'enforce' },
]

test.each(rollouts)(
  'only a token that the rules know gives rights: %j',
  async ({ previous: before, ...rollout }) => {
    // The previous rules accept every credential as anonymous.
    const lenient: Auth = { decide: (request, from) => createAuth().decide(bare(request), from) }
    const proven: unknown[] = []
    const gateway = testGateway({
      rollout: { ...rollout, ...(before && { previous: lenient }) },
      handle: async (_, { credential: { tokenAuth, subject } }) => {
        proven.push([tokenAuth, subject])
        return new Response()
      },
    })
    // From different networks, because each waits for its own interval.
    const madeUp = { headers: { authorization: 'Bearer hf_made_up' } }
    await gateway.ask('/x', { peer: '198.51.100.1' })
    await gateway.ask('/x', { ...madeUp, peer: '198.51.101.1' })
    await gateway.ask('/x', { ...bearer, peer: '198.51.102.1' })
    const made = [false, null]
    expect(proven).toEqual(
      rollout.mode === 'enforce' && rollout.percent === undefined
        ? [made, [true, 'u1']]
        : [made, made, [true, 'u1']],
    )
  },
)

function bare(request: AuthRequest): AuthRequest {
  const headers = { get: () => null, has: () => false }
  return { method: 'GET', url: request.url, headers, clone: () => ({ body: null }) }
}

test('shadow: a token that the new rules would refuse is accepted, and the log has their decision', async () => {
  const gateway = testGateway({ rollout: { mode: 'shadow' } })
  const unknown = { headers: { authorization: 'Bearer unknown-token' } }
  for (let each = 0; each < 20; each++) {
    expect((await gateway.ask('/x', unknown)).status).toBe(200)
  }
  await vi.waitFor(() =>
    expect(gateway.lines.filter(({ kind }) => kind === 'shadow:rejected')).toHaveLength(20),
  )
})
