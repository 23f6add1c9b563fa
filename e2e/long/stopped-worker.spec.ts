import { expect } from '@playwright/test'
import { stopServiceWorkers } from '../stage/stopServiceWorkers.ts'
import { test } from './stage/test.ts'
import { sha256 } from '../stage/sha256.ts'
import { fileBytes } from '../stage/fileBytes.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

for (const [what, clear] of [
  ['while storage answers', true],
  ['while storage stalls', false],
] as const)
  test(`terminated during a download ${what}: the body errors, and received bytes are not fetched again`, async ({
    stage,
  }) => {
    const { wide } = stage.files
    const { faults } = stage.hub.hub
    const stall = { do: 'stall', after: 500_000, ms: 60_000 } as const
    faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
    await stage.connect({ retry: { stallMs: 3000 } })
    const running = stage.fetch(wide)
    await stage.until(wide, wide.size / 2)
    // On a slow machine, requests that do not stall may be under way for long.
    const count = (whole: boolean): number =>
      stage.traffic.of('xorb').filter(({ done }) => done === whole).length
    await expect.poll(() => count(true)).toBeGreaterThan(8)
    await expect.poll(() => count(false)).toBe(6)
    const before = stage.traffic.of('xorb')
    const whole = before.filter(({ done }) => done).map(({ path, range }) => `${path} ${range}`)

    await stopServiceWorkers(stage.page)
    if (clear) faults.clear()
    const failed = await running
    expect(failed.status).toBe(200)
    expect(failed.failure).toBeDefined()
    expect(failed.size).toBeLessThan(wide.size)
    expect(failed.sha256).toBe(sha256((await fileBytes.wide()).subarray(0, failed.size)))

    faults.clear()
    expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
    const after = stage.traffic.of('xorb').slice(before.length)
    expect(after.filter((each) => whole.includes(`${each.path} ${each.range}`))).toEqual([])
    expect(stage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.02 + 6 * 2_100_000)
    await expect.poll(() => stage.held()).toMatchObject([{ complete: true, verified: 'xet' }])
  })

test('terminated after the headers of a finished file: its response is still complete', async ({
  stage,
}) => {
  const { large } = stage.files
  await stage.connect()
  await stage.prefetch(large)
  await stage.resume()
  await stage.page.evaluate(async (url) => {
    const page = window as unknown as { answer: Response }
    page.answer = await fetch(url)
  }, stage.url(large))
  await stopServiceWorkers(stage.page)
  const got = await stage.page.evaluate(async () => {
    const { answer } = window as unknown as { answer: Response }
    const bytes = await answer.arrayBuffer()
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    return {
      label: answer.headers.get('x-modelferry'),
      sha256: [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    }
  })
  expect(got).toEqual({ label: 'hit', sha256: large.sha256 })
  // The worker is started again for the next request.
  expect(await stage.fetch(large)).toMatchObject({ status: 200, sha256: large.sha256 })
})
