import { expect } from '@playwright/test'
import { startProxy } from '../stage/startProxy.ts'
import { test } from '../stage/test.ts'

test('a request of the page waits for a busy hub for up to 25 s, then gets its status', async ({
  stage,
}) => {
  const { mixed } = stage.files
  const proxy = await startProxy(stage.hub.url, () => undefined, ['retry-after'])
  try {
    await stage.connect({ hubs: [proxy.url] })
    stage.hub.hub.faults.add({
      kind: 'resolve',
      times: null,
      action: { do: 'status', status: 503, headers: { 'retry-after': '6' } },
    })
    const started = Date.now()
    const url = `${proxy.url}/${mixed.repo}/resolve/${mixed.commit}/${mixed.path}`
    expect(await stage.fetch(url)).toMatchObject({ status: 503 })
    const seconds = (Date.now() - started) / 1000
    expect(seconds).toBeGreaterThan(17)
    expect(seconds).toBeLessThan(26)
    // One request per wait: the hub's Retry-After applies to all requests to this origin.
    expect(stage.traffic.of('resolve').length).toBeLessThan(7)
  } finally {
    await proxy.close()
  }
})
