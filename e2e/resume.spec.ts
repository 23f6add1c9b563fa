import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import { onlyLong } from './stage/onlyLong.ts'
import type { Stage } from './stage/Stage.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { test } from './stage/test.ts'
import { samePiece } from './core/reloadAtHalf.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

/** Half of the file arrives, then every further request stays open. */
async function untilHalf(stage: Stage): Promise<void> {
  const { wide } = stage.files
  const stall = { do: 'stall', after: 500_000, ms: 60_000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
  await stage.prefetch(wide)
  await stage.until(wide, wide.size / 2)
  await expect.poll(() => open(stage).length).toBe(6)
}

for (const [what, interrupt] of Object.entries({
  'a reload': async (stage: Stage) => {
    await stage.reload()
    return stage
  },
  'a closed page': async (stage: Stage) => {
    await stage.page.close()
    return await stage.tab()
  },
  'a crashed page': async (stage: Stage) => {
    const crashed = stage.page.waitForEvent('crash')
    await stage.page.goto('chrome://crash').catch(() => undefined)
    await crashed
    return await stage.tab()
  },
}))
  test(
    `${what} at half: only the pieces in flight are requested again`,
    onlyLong(what === 'a closed page'),
    async ({ stage }) => {
      const { wide } = stage.files
      const { faults } = stage.hub.hub
      await stage.connect()
      await untilHalf(stage)
      const before = stage.traffic.of('xorb')
      const whole = before.filter(({ done }) => done)
      const inFlight = before.filter(({ done }) => !done)
      expect(whole.length).toBeGreaterThan(3)
      faults.clear()
      const again = await interrupt(stage)
      const [{ held } = { held: 0 }] = await again.held()
      expect(await again.held()).toMatchObject([{ complete: false }])
      const verified = await again.page.evaluate(async (url) => {
        const { ferry } = window as unknown as StageWindow
        return [await ferry.verify(url), await ferry.verify(url, { report: true })]
      }, again.url(wide))
      const { size } = wide
      expect(verified).toEqual([false, { state: 'partial', intact: true, size, held, damaged: 0 }])

      expect(await again.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
      const after = stage.traffic.of('xorb').slice(before.length)
      expect(after.length).toBeGreaterThan(0)
      expect(after.filter((each) => whole.some((other) => samePiece(each, other)))).toEqual([])
      // Neighbouring blocks share a chunk at their edge.
      const lost = inFlight.reduce((sum, { bytes }) => sum + bytes, 0)
      expect(stage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.02 + lost)
      await expect.poll(() => again.held()).toMatchObject([{ complete: true, verified: 'xet' }])
    },
  )

for (const by of ['page', 'ferry'] as const)
  test(
    `an aborted fetch by ${by} cancels the requests, and committed bytes stay`,
    onlyLong(by === 'ferry'),
    async ({ stage }) => {
      const { wide } = stage.files
      const { faults } = stage.hub.hub
      const stall = { do: 'stall', after: 500_000, ms: 60_000 } as const
      faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
      await stage.connect()
      const outcome = stage.page.evaluate(
        async ([url, who]) => {
          const page = window as unknown as StageWindow & { abort: () => void }
          const abort = new AbortController()
          page.abort = () => abort.abort()
          const fetched = who === 'page' ? fetch : page.ferry.fetch.bind(page.ferry)
          try {
            const { body } = await fetched(url, { signal: abort.signal })
            for (const reader = body!.getReader(); !(await reader.read()).done;);
            return 'read'
          } catch (error) {
            return (error as Error).name
          }
        },
        [stage.url(wide), by] as const,
      )
      await stage.until(wide, wide.size / 2)
      await expect.poll(() => open(stage).length).toBe(6)
      await stage.page.evaluate(() => (window as unknown as { abort: () => void }).abort())
      expect(await outcome).toBe('AbortError')
      await expect.poll(() => open(stage).length).toBe(0)
      const asked = stage.traffic.of('xorb')
      const whole = asked.slice(0, 11)

      faults.clear()
      await stage.page.waitForTimeout(500)
      expect(stage.traffic.of('xorb')).toHaveLength(asked.length)
      expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
      const after = stage.traffic.of('xorb').slice(asked.length)
      expect(after.filter((each) => whole.some((other) => samePiece(each, other)))).toEqual([])
    },
  )

function open(stage: Stage): LogEntry[] {
  return stage.traffic.of('xorb').filter(({ done }) => !done)
}
