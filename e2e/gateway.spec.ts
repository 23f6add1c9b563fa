import { expect, test as base } from '@playwright/test'
import type { Page } from '@playwright/test'
import { uploadFile } from '@huggingface/hub'
import { connectPage } from './stage/connectPage.ts'
import { fetchInPage } from './stage/fetchInPage.ts'
import { fileBytes } from './stage/fileBytes.ts'
import type { GatewayProcess } from './stage/GatewayProcess.ts'
import { sha256 } from './stage/sha256.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { startGateway } from './stage/startGateway.ts'
import { startSite } from './stage/startSite.ts'
import type { Site } from './stage/startSite.ts'
import { startTextService, textCredential } from './stage/startTextService.ts'
import type { TextService } from './stage/startTextService.ts'

const tokens = {
  writer: 'hf_writer-4c1b9e',
  seed: 'seed-user-77aa10',
  counters: 'counters-51d0aa',
} as const
const digest = (text: string): string => sha256(new TextEncoder().encode(text))

interface Town {
  readonly gateway: GatewayProcess
  readonly text: TextService
  readonly site: Site
  readonly config: Record<string, unknown>
}

/** A model on the hub, uploaded through the gateway. */
interface Model {
  readonly url: string
  readonly pinned: string
  readonly sha256: string
}

const test = base.extend<{ town: Town; model: Model }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
  town: async ({}, use) => {
    const text = await startTextService()
    const site = await startSite()
    const config = {
      auth: {
        tokens: [
          { sha256: digest(tokens.writer), sub: 'wendy', tier: 'nectar', scope: ['write:*'] },
          { sha256: digest(tokens.seed), sub: 'sam', tier: 'seed' },
        ],
      },
      metrics: { tokens: [digest(tokens.counters)], port: 0 },
      tiers: { anonymous: { intervalSeconds: 2, maxWaiting: 2 } },
      services: [
        { name: 'hub', path: '/' },
        { name: 'text', path: '/v1/text/', upstream: text.url, credential: textCredential },
      ],
    }
    const gateway = await startGateway(config)
    try {
      await use({ gateway, text, site, config })
      for (const token of Object.values(tokens)) expect(gateway.printed()).not.toContain(token)
    } finally {
      await gateway.close()
      await site.close()
      text.close()
    }
  },
  model: async ({ town }, use) => {
    const { url } = town.gateway
    const bytes = await fileBytes.vad()
    const [repo, path] = ['town/vad', 'model.onnx']
    const file = { path, content: new Blob([bytes as BlobPart]) }
    const hub = { hubUrl: url, accessToken: tokens.writer }
    const { commit } = (await uploadFile({ repo, ...hub, file })) ?? {}
    const at = (revision: string): string => `${url}/${repo}/resolve/${revision}/${path}`
    await use({ url: at('main'), pinned: at(`${commit?.oid}`), sha256: sha256(bytes) })
  },
})

/** Sends the same request `times` times at once from the page, and returns what the page may read of the responses. */
async function askText(page: Page, town: Town, times: number, token?: string): Promise<Answer[]> {
  return await page.evaluate(
    async ({ url, count, authorization }) => {
      const headers = {
        'content-type': 'application/json',
        ...(authorization && { authorization }),
      }
      return await Promise.all(
        Array.from({ length: count }, async () => {
          const response = await fetch(url, { method: 'POST', headers, body: '{"ms":100}' })
          const read = (name: string): string | null => response.headers.get(name)
          return {
            status: response.status,
            type: read('content-type'),
            retryAfter: read('retry-after'),
            rateLimit: read('ratelimit'),
            policy: read('ratelimit-policy'),
            requestId: read('x-request-id'),
            result: read('x-auth-result'),
            body: (await response.json()) as Record<string, unknown>,
          }
        }),
      )
    },
    {
      url: `${town.gateway.url}/v1/text/echo`,
      count: times,
      authorization: token && `Bearer ${token}`,
    },
  )
}

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly retryAfter: string | null
  readonly rateLimit: string | null
  readonly policy: string | null
  readonly requestId: string | null
  readonly result: string | null
  readonly body: Record<string, unknown>
}

test('two services behind one queue: anonymous pages queue by address, a token has its own queue', async ({
  page,
  town,
}) => {
  await page.goto(town.site.url)
  const [anonymous, seed] = await Promise.all([
    askText(page, town, 5),
    askText(page, town, 3, tokens.seed),
  ])
  const by = (status: number): Answer[] => anonymous.filter((each) => each.status === status)
  expect([by(200).length, by(429).length]).toEqual([3, 2])
  expect(seed.map(({ status, body }) => [status, body['tier'], body['subject']])).toEqual(
    Array.from({ length: 3 }, () => [200, 'seed', 'sam']),
  )
  expect(by(200).map(({ body }) => body['tier'])).toEqual(['anonymous', 'anonymous', 'anonymous'])
  for (const refused of by(429)) {
    expect(refused).toMatchObject({ type: 'application/problem+json', result: 'NONE' })
    expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1)
    expect(refused.rateLimit).toContain('r=0')
    expect(refused.policy).toContain('q=1;w=2')
    expect(refused.requestId).toMatch(/^[\w-]{8,}$/)
    expect(JSON.stringify(refused.body)).not.toContain('127.0.0.1')
  }
  // The token is not forwarded: the service gets the decision instead.
  for (const { body } of seed) {
    expect(body['headers']).not.toContain('authorization')
    expect(body['headers']).toContain('x-modelferry-signature')
  }
  expect(town.text.served.toSorted()).toEqual([
    'ip:127.0.0.1',
    'ip:127.0.0.1',
    'ip:127.0.0.1',
    'subject:sam',
    'subject:sam',
    'subject:sam',
  ])
  const events = town.gateway.log
    .filter(({ service }) => service === 'text')
    .map(({ event }) => event)
  expect(events.filter((event) => event === 'request.end')).toHaveLength(8)
  expect(events.filter((event) => event === 'queue.reject')).toHaveLength(2)
  expect(events.filter((event) => event === 'auth.decision')).toHaveLength(8)
})

test('a wrong token is refused, and never treated as anonymous', async ({ page, town }) => {
  await page.goto(town.site.url)
  const [wrong] = await askText(page, town, 1, 'no-such-token')
  expect(wrong).toMatchObject({ status: 401, result: 'INVALID_TOKEN' })
  expect(town.text.served).toEqual([])
})

test('a page without a token loads a model through the gateway, and its bytes need no token', async ({
  page,
  town,
  model,
}) => {
  await page.goto(town.site.url)
  await page.evaluate(connectPage, { hubs: [town.gateway.url] })
  const got = await page.evaluate(fetchInPage, { url: model.url })
  expect(got).toMatchObject({ status: 200, sha256: model.sha256 })
  expect(got.headers['x-modelferry']).toBe('stream')

  const cas = town.gateway.log.filter(
    ({ event, route }) => event === 'request.end' && route === 'reconstruction',
  )
  expect(cas.length).toBeGreaterThan(0)
  // The CAS token contains the decision of the time it was issued.
  for (const line of cas) expect(line).toMatchObject({ kind: 'anonymous', status: 200 })

  const info = await fetch(model.url, {
    headers: { accept: 'application/vnd.xet-fileinfo+json' },
    redirect: 'manual',
  })
  const hash = info.headers.get('x-xet-hash')!
  const token = (await (
    await fetch(`${town.gateway.url}/api/models/town/vad/xet-read-token/main`)
  ).json()) as { accessToken: string }
  const plan = (await (
    await fetch(`${town.gateway.url}/v1/reconstructions/${hash}`, {
      headers: { authorization: `Bearer ${token.accessToken}` },
    })
  ).json()) as {
    fetch_info: Record<string, { url: string; url_range: { start: number; end: number } }[]>
  }
  const { url, url_range } = Object.values(plan.fetch_info)[0]![0]!
  const range = { range: `bytes=${url_range.start}-${url_range.end}` }
  expect(new URL(url).origin).toBe(town.gateway.storageUrl)
  expect((await fetch(url, { headers: range })).status).toBe(206)
  expect(
    (
      await fetch(
        url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
        { headers: range },
      )
    ).status,
  ).toBe(403)
})

test('rights on the hub come from the scope of a token', async ({ town }) => {
  expect(await create(town)).toBe(401)
  expect(await create(town, tokens.seed)).toBe(403)
  expect(await create(town, tokens.writer)).toBe(200)
})

/** Creates a repository. @returns the status */
async function create({ gateway }: Town, token?: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
  }
  const body = JSON.stringify({ type: 'model', name: 'other', organization: 'town' })
  return (await fetch(`${gateway.url}/api/repos/create`, { method: 'POST', headers, body })).status
}

test('the SDK waits for its turn and reports it', async ({ page, town, model }) => {
  await page.goto(town.site.url)
  const note = await town.gateway.reconfigure({
    ...town.config,
    services: [{ name: 'hub', path: '/', costs: [{ path: '*/resolve/*', cost: 1 }] }],
  })
  expect(note).toContain('now uses')
  await page.evaluate(connectPage, { hubs: [town.gateway.url] })
  // One start per 2 s and two waiting: four at once exceed that. For a branch one request would go first.
  const urls = Array.from({ length: 4 }, (_, index) => `${model.pinned}?copy=${index}`)
  const waits = await page.evaluate(async (wanted) => {
    const { ferry, events } = window as unknown as StageWindow
    await Promise.all(wanted.map(async (url) => await ferry.prefetch([url])))
    return events.filter(({ name }) => name === 'waiting').length
  }, urls)
  expect(waits).toBeGreaterThan(0)
  expect(town.gateway.log.some(({ event }) => event === 'queue.reject')).toBe(true)
})

test('new rules are tested beside the old ones, for some keys, and withdrawn without a restart', async ({
  page,
  town,
}) => {
  await page.goto(town.site.url)
  const roll = async (rollout: unknown): Promise<void> => {
    expect(await town.gateway.reconfigure({ ...town.config, rollout })).toContain('now uses')
    town.gateway.log.length = 0
  }
  const statuses = async (): Promise<number[]> =>
    (await askText(page, town, 6)).map(({ status }) => status)

  await roll({ mode: 'shadow' })
  expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200])
  const decisions = town.gateway.log.filter(({ event }) => event === 'auth.decision')
  expect(decisions.filter(({ kind }) => kind === 'shadow:anonymous')).toHaveLength(6)
  expect(decisions).toHaveLength(12)

  await roll({ mode: 'enforce', percent: 0 })
  expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200])
  await roll({ mode: 'enforce', percent: 100 })
  expect(await statuses()).toContain(429)
  await roll({ mode: 'off' })
  expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200])

  const refusal = await town.gateway.reconfigure({ ...town.config, tires: {} })
  expect(refusal).toContain('keeps its previous')
  await expect.poll(() => town.gateway.printed()).toContain('tires')
  expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200])
})

test('the policy is published, and counters need a token or their own loopback port', async ({
  town,
}) => {
  const policy = await fetch(`${town.gateway.url}/.well-known/modelferry-policy`)
  expect(await policy.json()).toMatchObject({
    tiers: { anonymous: { q: 1, w: 2 }, seed: { q: 3, w: 1 } },
  })
  expect(await create(town, tokens.writer)).toBe(200)
  // This test is a peer on loopback, as a proxy on the same machine would be.
  for (const path of ['/metrics', '/usage'])
    expect((await fetch(town.gateway.url + path)).status).toBe(404)
  const reader = { headers: { authorization: `Bearer ${tokens.counters}` } }
  expect((await fetch(`${town.gateway.url}/metrics`, reader)).status).toBe(200)
  const local = /Counters are at (http:\S+)\/metrics/.exec(town.gateway.printed())?.[1]
  const counters = await fetch(`${local}/metrics`)
  expect(await counters.text()).toContain('auth_decisions_total{reason="DB_TOKEN"}')
  const usage: unknown = await (await fetch(`${local}/usage`)).json()
  expect(usage).toMatchObject({ subjects: [{ subject: 'wendy' }] })
  const forwarded = { 'x-forwarded-for': '203.0.113.7' }
  expect((await fetch(`${local}/metrics`, { headers: forwarded })).status).toBe(404)
})
