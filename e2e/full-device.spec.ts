import { expect } from '@playwright/test'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

for (const by of ['a loader', 'the service worker'])
  test(`a body that ${by} fetches goes on when the device becomes full, and is not kept`, async ({
    stage,
  }) => {
    const { wide } = stage.files
    await stage.connect()
    // The service worker controls the page, which does not connect again, so there is no loader.
    if (by !== 'a loader') await stage.page.reload()
    await stage.page.evaluate(() => {
      const page = window as unknown as { faults: { code: string }[] }
      page.faults = []
      new BroadcastChannel('modelferry').addEventListener('message', ({ data }) => {
        if (data.event?.name === 'fault') page.faults.push(data.event.detail)
      })
    })
    const stall = { do: 'stall', after: 500_000, ms: 2000 } as const
    stage.hub.hub.faults.add({ kind: 'xorb', nth: 8, times: 12, action: stall })
    const running = stage.fetch(wide)
    await expect.poll(() => stage.traffic.of('xorb').length).toBeGreaterThan(8)
    const session = await stage.context.newCDPSession(stage.page)
    const { origin } = new URL(stage.site.url)
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 10_000_000 })

    const got = await running
    expect(got).toMatchObject({ status: 200, size: wide.size, sha256: wide.sha256 })
    expect(got.headers['x-modelferry']).toBe('stream')
    expect(stage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.2)
    const faults = (): Promise<unknown> =>
      stage.page.evaluate(() => (window as unknown as { faults: unknown }).faults)
    await expect.poll(faults).toMatchObject([{ code: 'quota' }])
    const folders = (): Promise<number> =>
      stage.page.evaluate(async () => {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('modelferry')
        let count = 0
        for await (const _ of root.keys()) count += 1
        return count
      })
    // A loader has claimed the room before; it stays for the next load.
    if (by !== 'a loader') await expect.poll(folders).toBe(0)

    await session.send('Storage.overrideQuotaForOrigin', { origin })
    stage.hub.hub.faults.clear()
    for (const label of ['stream', 'hit']) {
      const later = await stage.fetch(wide)
      expect(later).toMatchObject({ status: 200, sha256: wide.sha256 })
      expect(later.headers['x-modelferry']).toBe(label)
    }
  })
