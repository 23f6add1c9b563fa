import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import type { Stage } from './stage/Stage.ts'
import type { StageFile } from './stage/StageFile.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { startProxy } from './stage/startProxy.ts'
import type { Proxy } from './stage/startProxy.ts'
import { onlyLong } from './stage/onlyLong.ts'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 500_000 } })

/** Requests in flight when a server starts to refuse still arrive within this time, milliseconds. */
const onTheWayMs = 800

const busy = (seconds: number, status = 429) =>
  ({ do: 'status', status, headers: { 'retry-after': String(seconds) } }) as const

/** The stage's hub behind a proxy that exposes the headers a gateway exposes. */
async function gatewayOf(
  stage: Stage,
  added?: (path: string) => Readonly<Record<string, string>>,
): Promise<Proxy> {
  return await startProxy(stage.hub.url, () => undefined, ['retry-after', 'ratelimit'], added)
}

/** Requests to the refusing server between its last refusal and the time it named. */
function during(stage: Stage, seconds: number): LogEntry[] {
  const refused = stage.traffic.all.filter(({ status }) => [429, 503].includes(status))
  const last = refused.at(-1)
  expect(last).toBeDefined()
  const { at: from = 0, origin } = last ?? {}
  return stage.traffic.all.filter(
    ({ at, origin: other }) =>
      other === origin && at > from + onTheWayMs && at < from + seconds * 1000 - 20,
  )
}

/** Prefetches, and returns its phases without repetitions. */
async function prefetch(stage: Stage, url: string): Promise<string[]> {
  return await stage.page.evaluate(async (url) => {
    const phases: string[] = []
    const { ferry } = window as unknown as StageWindow
    await ferry.prefetch([url], {
      onProgress: ({ phase, waiting }) => {
        const said = waiting ? `${phase} ${waiting.origin} ${waiting.reason.status}` : phase
        if (phases.at(-1) !== said) phases.push(said)
      },
    })
    return phases
  }, url)
}

function through(proxy: Proxy, { repo, path, commit }: StageFile): string {
  return `${proxy.url}/${repo}/resolve/${commit}/${path}`
}

test('a pause of an hour, once: this file, the next one, and one after a reload arrive', async ({
  stage,
}) => {
  const { mixed, rec, vad } = stage.files
  await stage.connect()
  stage.hub.hub.faults.add({ kind: 'xorb', action: busy(3600) })
  const started = Date.now()
  for (const file of [mixed, rec])
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  expect(stage.traffic.refused('xorb')).not.toEqual([])
  await stage.reload()
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
  expect(Date.now() - started).toBeLessThan(20_000)
})

test('a pause of an hour, once, after the first bytes: this file and the next one arrive', async ({
  stage,
}) => {
  const { mixed, rec } = stage.files
  await stage.connect()
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 4, action: busy(3600) })
  const started = Date.now()
  for (const file of [mixed, rec])
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  expect(stage.traffic.refused('xorb')).toHaveLength(1)
  expect(Date.now() - started).toBeLessThan(10_000)
})

test('two files in two tabs wait for a busy storage, and both arrive', async ({ stage }) => {
  const { mixed, vad } = stage.files
  await stage.connect()
  const other = await stage.tab()
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 3, action: busy(2) })
  const first = stage.fetch(mixed)
  // Both share the browser's connections: earlier requests of the other tab may still be queued.
  await expect.poll(() => stage.traffic.refused('xorb'), { intervals: [20] }).toHaveLength(1)
  const got = await Promise.all([first, other.fetch(vad, { by: 'ferry' })])
  expect(got).toMatchObject([
    { status: 200, sha256: mixed.sha256 },
    { status: 200, sha256: vad.sha256 },
  ])
  expect(during(stage, 2)).toEqual([])
  expect(stage.traffic.repeated()).toEqual([])
  const [wait] = await stage.events('waiting')
  expect(wait).toMatchObject({
    origin: stage.hub.storageUrl,
    delayMs: expect.any(Number),
    until: expect.any(Number),
    reason: { code: 'http', status: 429 },
  })
  expect(await stage.events('fault')).toEqual([])
})

test('a storage that is unavailable for a while: a prefetch waits, reports it, and completes', async ({
  stage,
}) => {
  const { mixed } = stage.files
  // Longer than any delay the client would choose itself.
  await stage.connect({ retry: { maxDelayMs: 100, attempts: 2 } })
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 2, times: 4, action: busy(2, 503) })
  const phases = await prefetch(stage, stage.url(mixed))
  expect(phases).toContain(`waiting ${stage.hub.storageUrl} 503`)
  expect(phases.at(-1)).toBe('complete')
  expect(during(stage, 2)).toEqual([])
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
})

test('the wait can be paused, which does not shorten it', async ({ stage }) => {
  const { mixed } = stage.files
  await stage.connect()
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 2, action: busy(3) })
  await stage.prefetch(mixed)
  await expect.poll(async () => (await stage.events('waiting')).length).toBeGreaterThan(0)
  await stage.pause()
  const refusedAt = stage.traffic.refused('xorb')[0]?.at ?? 0
  await stage.resume()
  expect(Date.now() - refusedAt).toBeGreaterThan(2900)
  expect(during(stage, 3)).toEqual([])
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
})

for (const kind of ['token', 'reconstruction'] as const)
  test(
    `a CAS that is busy at the ${kind} gets no requests meanwhile`,
    onlyLong(kind === 'token'),
    async ({ stage }) => {
      const { mixed } = stage.files
      const proxy = await gatewayOf(stage)
      try {
        await stage.connect({ hubs: [proxy.url] })
        stage.hub.hub.faults.add({ kind, action: busy(2) })
        const started = Date.now()
        const phases = await prefetch(stage, through(proxy, mixed))
        expect(Date.now() - started).toBeGreaterThan(1900)
        expect(phases).toContain(`waiting ${proxy.url} 429`)
        expect(phases.at(-1)).toBe('complete')
        expect(during(stage, 2)).toEqual([])
      } finally {
        await proxy.close()
      }
    },
  )

test('all tabs wait for a busy hub, and all get their files', async ({ stage }) => {
  const { mixed, vad, config } = stage.files
  const proxy = await gatewayOf(stage)
  try {
    await stage.connect({ hubs: [proxy.url] })
    const other = await stage.tab()
    stage.hub.hub.faults.add({ kind: 'resolve', action: busy(2) })
    const first = prefetch(stage, through(proxy, mixed))
    await expect.poll(() => stage.traffic.refused('resolve')).toHaveLength(1)
    const others = [vad, config].map((file) => other.fetch(through(proxy, file)))
    const [phases, ...got] = await Promise.all([first, ...others])
    expect(phases[0]).toBe(`waiting ${proxy.url} 429`)
    expect(phases.at(-1)).toBe('complete')
    expect(got).toMatchObject([{ sha256: vad.sha256 }, { sha256: config.sha256 }])
    expect(during(stage, 2)).toEqual([])
  } finally {
    await proxy.close()
  }
})

test('where the wait exceeds its limit the page has the answer to its own request at once, and every realm knows the wait', async ({
  stage,
}) => {
  const { mixed, vad } = stage.files
  const proxy = await gatewayOf(stage)
  try {
    await stage.connect({ hubs: [proxy.url] })
    stage.hub.hub.faults.add({ kind: 'resolve', times: null, action: busy(40) })
    const refused = await stage.fetch(through(proxy, mixed))
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '40' } })
    const another = await stage.fetch(through(proxy, vad), { by: 'ferry' })
    expect(another.status).toBe(429)
    const api = `${proxy.url}/api/models/${vad.repo}/tree/main`
    expect((await stage.fetch(api, { by: 'ferry' })).status).toBe(429)
    expect(stage.traffic.all).toHaveLength(1)
    // A realm that starts later, and the service worker by itself, do not ask either: only the page does.
    await stage.reload()
    expect((await stage.fetch(through(proxy, vad))).status).toBe(429)
    expect(stage.traffic.all).toHaveLength(2)
    // Realms wait up to a second longer, so that they do not resume at the same moment.
    expect(await stage.events('fault')).toMatchObject([
      {
        status: 429,
        message: expect.stringMatching(/a pause of (39|40|41) s .*own request was made/),
      },
    ])
    await stage.page.reload()
    const alone = await stage.fetch(through(proxy, vad))
    expect(alone).toMatchObject({ status: 429, headers: { 'retry-after': '40' } })
    expect(stage.traffic.all.map(({ kind }) => kind)).toEqual(['resolve', 'resolve', 'resolve'])
  } finally {
    await proxy.close()
  }
})

test("how long a page's request may wait is an option", async ({ stage }) => {
  const { mixed } = stage.files
  const proxy = await gatewayOf(stage)
  try {
    await stage.connect({ hubs: [proxy.url], retry: { patienceMs: 3000 } })
    stage.hub.hub.faults.add({ kind: 'resolve', times: null, action: busy(1) })
    const started = Date.now()
    const refused = await stage.fetch(through(proxy, mixed))
    expect(refused.status).toBe(429)
    expect(Date.now() - started).toBeGreaterThan(1900)
    // Not the 25 s without the option; a busy machine takes seconds of its own.
    expect(Date.now() - started).toBeLessThan(15_000)
  } finally {
    await proxy.close()
  }
})

test('without a loader the service worker waits as well', async ({ stage }) => {
  const { mixed } = stage.files
  await stage.connect()
  await stage.page.reload()
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 2, action: busy(2) })
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
  expect(during(stage, 2)).toEqual([])
})

test('a gateway with an exhausted quota is asked again when it has quota, and never refuses', async ({
  stage,
}) => {
  const { vad, config } = stage.files
  const proxy = await gatewayOf(stage, () => ({ ratelimit: '"queue";r=0;t=1' }))
  try {
    await stage.connect({ hubs: [proxy.url] })
    const files = [vad, config]
    const got = await Promise.all(files.map((file) => stage.fetch(through(proxy, file))))
    expect(got.map(({ sha256 }) => sha256)).toEqual(files.map(({ sha256 }) => sha256))
    const times = stage.traffic.all.filter(({ origin }) => origin === 'hub').map(({ at }) => at)
    expect(times.length).toBeGreaterThan(3)
    // The first requests were sent before the limit was known.
    const known = times.filter((at) => at > (times[0] ?? 0) + onTheWayMs)
    const gaps = known.slice(1).map((at, index) => at - (known[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThan(900)
    expect(stage.traffic.all.filter(({ status }) => status === 429)).toEqual([])
  } finally {
    await proxy.close()
  }
})
