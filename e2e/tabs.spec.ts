import { expect } from '@playwright/test'
import { expectOneTransfer } from './stage/expectOneTransfer.ts'
import { onlyLong } from './stage/onlyLong.ts'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('two tabs that request the same file at once: one transfer, and both get it', async ({
  stage,
}) => {
  await expectOneTransfer(stage, stage.files.rec)
})

for (const by of ['page', 'ferry'] as const)
  test(
    `the tab that fetches by ${by} is closed during the download: the other one continues it`,
    onlyLong(by === 'ferry'),
    async ({ stage }) => {
      const { wide } = stage.files
      await stage.connect()
      const stall = { do: 'stall', after: 100_000, ms: 60_000 } as const
      stage.hub.hub.faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })

      const first = stage.fetch(wide, { by }).catch(() => undefined)
      await stage.until(wide, wide.size / 2)
      // While the first tab is alone, its loader fetches the file.
      const other = await stage.tab()
      const second = other.fetch(wide, { by })
      const before = stage.traffic.of('xorb').filter(({ done }) => done)
      const whole = new Set(before.map(({ path, range }) => `${path} ${range}`))
      expect(whole.size).toBeGreaterThan(3)
      stage.traffic.clear()
      stage.hub.hub.faults.clear()
      await stage.page.close()
      await first

      expect(await second).toMatchObject({ status: 200, sha256: wide.sha256 })
      const asked = stage.traffic.of('xorb').map(({ path, range }) => `${path} ${range}`)
      expect(asked.length).toBeGreaterThan(0)
      expect(asked.filter((each) => whole.has(each))).toEqual([])
      expect(stage.traffic.repeated()).toEqual([])
    },
  )
