import { expect } from '@playwright/test'
import { failToConnect } from '../stage/failToConnect.ts'
import type { Stage } from '../stage/Stage.ts'
import { test } from '../stage/test.ts'
import { expectPlainWay } from './stage/expectPlainWay.ts'
import { serveWith } from './stage/serveWith.ts'
import { type PolicyChange, strictPolicy } from './stage/strictPolicy.ts'

interface Refusal {
  readonly policy: (stage: Stage) => PolicyChange
  /** The only file that is served with the policy; undefined: all files. */
  readonly only?: string
  /** The directive and the missing source. */
  readonly says: (stage: Stage) => string
  /** Whether the service worker starts anyway and answers by itself. */
  readonly answered?: true
}

const refusals: Record<string, Refusal> = {
  'no workers at all': {
    policy: () => ({ worker: "'none'" }),
    says: () => `/modelferry-sw.js. Add to it: "worker-src 'self'"`,
  },
  'no loader worker': {
    policy: ({ site }) => ({ worker: `${site.url}modelferry-sw.js` }),
    says: () => `/modelferry-worker.js. Add to it: "worker-src 'self'"`,
    answered: true,
  },
  'a page that may not connect to its own origin': {
    policy: ({ hub }) => ({ connect: hub.url }),
    only: '/',
    says: () => `page does not allow /modelferry-ping. Add to it: "connect-src 'self'"`,
    answered: true,
  },
  'a loader that may not connect to its own origin': {
    policy: ({ hub }) => ({ connect: `${hub.url} ${hub.storageUrl}` }),
    only: '/modelferry-worker.js',
    says: ({ site }) => `modelferry-worker.js .* Add "connect-src ${site.url}"`,
    answered: true,
  },
  'a service worker that may not connect to its own origin': {
    policy: ({ hub }) => ({ connect: `${hub.url} ${hub.storageUrl}` }),
    only: '/modelferry-sw.js',
    says: ({ site }) => `modelferry-sw.js .* Add "connect-src ${site.url}"`,
  },
  'Trusted Types without a policy': {
    policy: () => ({ more: "require-trusted-types-for 'script'; trusted-types 'none'" }),
    says: () => 'Trusted Types .*"trusted-types modelferry"',
  },
}

for (const [what, { policy, only, says, answered = false }] of Object.entries(refusals))
  test(`${what}: connect() names the directive, and the page goes on`, async ({ stage }) => {
    serveWith(stage, strictPolicy(stage, policy(stage)), only)
    await stage.page.goto(stage.site.url)
    const refusal = await stage.page.evaluate(failToConnect, { hubs: [stage.hub.url] })
    const message = expect.stringMatching(new RegExp(says(stage)))
    expect(refusal).toEqual({ code: 'policy', message })
    const { vad } = stage.files
    const plain = await stage.fetch(vad)
    expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect('x-modelferry' in plain.headers).toBe(answered)
  })

test('a loader that may not connect to storage: a fault names it, and the page gets its file', async ({
  stage,
}) => {
  const { vad, config } = stage.files
  const { url, storageUrl } = stage.hub
  serveWith(stage, strictPolicy(stage, { connect: `'self' ${url}` }), '/modelferry-worker.js')
  await stage.connect()
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
  // A permanent refusal: it is not retried.
  expect(await stage.events('waiting')).toEqual([])
  const message = expect.stringContaining(`modelferry-worker.js does not allow`)
  const added = expect.stringContaining(`"connect-src ${storageUrl}/"`)
  const faults = await stage.events('fault')
  expect(faults).toContainEqual(expect.objectContaining({ code: 'policy', message }))
  expect(faults).toContainEqual(expect.objectContaining({ code: 'policy', message: added }))
  expect(await stage.fetch(config)).toMatchObject({ status: 200, sha256: config.sha256 })
})

test('a loader that may not connect to the hub: a fault names it, and the page asks the hub itself', async ({
  stage,
}) => {
  const { vad } = stage.files
  const { url, storageUrl } = stage.hub
  serveWith(
    stage,
    strictPolicy(stage, { connect: `'self' ${storageUrl}` }),
    '/modelferry-worker.js',
  )
  await stage.connect()
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect('x-modelferry' in plain.headers).toBe(false)
  const message = expect.stringContaining(`"connect-src ${url}/"`)
  expect(await stage.events('fault')).toContainEqual(
    expect.objectContaining({ code: 'policy', message }),
  )
})

test('workers that may connect to the hub only: the page has each file at its first request, and their faults say what to add', async ({
  stage,
}) => {
  await expectPlainWay(stage)
})
