import { expect } from '@playwright/test'
import { note } from '../long/stage/note.ts'
import { browsers } from './stage/browsers.ts'
import type { LifetimeWindow } from './stage/LifetimeWindow.ts'
import { uploadNoise } from './stage/uploadNoise.ts'
import { test } from './stage/test.ts'

const minute = 60_000

for (const browser of browsers)
  test(`${browser}: a body of six minutes arrives complete, and one service worker lives all the time`, async ({
    hub,
    traffic,
    cross,
  }) => {
    // For most of a minute neither bytes nor requests keep the service worker alive.
    const file = await uploadNoise(hub, { name: 'body', size: 6_000_000, stallMs: 53_000 })
    const seen = await cross({ browser, work: readWatched, input: file.url, limitMs: 10 * minute })
    const { got, ms, headersMs, starts } = seen
    note(
      browser,
      JSON.stringify({ ms, headersMs, sights: starts.length, pings: seen.pings.length }),
    )
    expect(got).toMatchObject({ status: 200, size: file.size, sha256: file.sha256 })
    expect(got.failure).toBeUndefined()
    expect(ms).toBeGreaterThan(6 * minute)
    // Chromium feeds the page as bytes arrive; Firefox responds when all are stored.
    if (browser === 'chromium') expect(headersMs).toBeLessThan(minute)
    else expect(headersMs).toBeGreaterThan(6 * minute)
    expect(starts.length).toBeGreaterThan(15)
    expect([...new Set(starts)]).toEqual([starts[0]])
    expect(starts[0]).not.toBeNull()
    expect(traffic.repeated()).toEqual([])
  })

async function readWatched(url: string) {
  const page = window as unknown as LifetimeWindow
  const begun = performance.now()
  let headersMs = Number.POSITIVE_INFINITY
  const plainFetch = window.fetch
  window.fetch = async (...asked) => {
    const answer = await plainFetch(...asked)
    headersMs = performance.now() - begun
    return answer
  }
  let reading = true
  const fetched = page.fetchInPage({ url }).finally(() => (reading = false))
  const starts: (string | null)[] = []
  const watch = (async () => {
    for (;;) {
      await page.wait(20_000)
      if (!reading) return
      starts.push(await page.sight())
    }
  })()
  const got = await fetched
  const ms = performance.now() - begun
  window.fetch = plainFetch
  await watch
  return { got, ms, headersMs, starts, pings: page.pings }
}
