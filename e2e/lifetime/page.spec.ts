import { expect } from '@playwright/test'
import { note } from '../long/stage/note.ts'
import { browsers } from './stage/browsers.ts'
import type { LifetimeWindow } from './stage/LifetimeWindow.ts'
import { uploadNoise } from './stage/uploadNoise.ts'
import { test } from './stage/test.ts'

const limitMs = 5 * 60_000

for (const browser of browsers) {
  test(`${browser}: the page's main thread blocks for a minute, and the transfer continues`, async ({
    hub,
    traffic,
    cross,
  }) => {
    // Four rounds of six requests: two of them begin while the page is blocked.
    const file = await uploadNoise(hub, { name: 'hanging', size: 3_800_000, stallMs: 25_000 })
    const seen = await cross({ browser, work: readHanging, input: file.url, limitMs })
    const { from, to, got } = seen
    const during = traffic.of('xorb').filter(({ at }) => at > from + 5000 && at < to - 5000)
    note(browser, `${during.length} requests while the page was blocked for ${to - from} ms`)
    expect(to - from).toBeGreaterThanOrEqual(60_000)
    expect(during.length).toBeGreaterThan(6)
    expect(got).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(traffic.repeated()).toEqual([])
  })

  test(`${browser}: the page is hidden and its timers are throttled, and the transfer continues`, async ({
    hub,
    traffic,
    cross,
  }) => {
    const file = await uploadNoise(hub, { name: 'hidden', size: 2_800_000, stallMs: 25_000 })
    const seen = await cross({ browser, work: readHidden, input: file.url, limitMs })
    const { got, states, ticksMs, ms } = seen
    note(browser, JSON.stringify({ states, ticksMs, ms, pings: seen.pings }))
    expect(states).toEqual(['visible', 'hidden', 'hidden'])
    // Ten timers of 100 ms.
    expect(ticksMs).toBeGreaterThan(5000)
    expect(got).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(ms).toBeLessThan(150_000)
    expect(traffic.repeated()).toEqual([])
  })
}

async function readHanging(url: string) {
  const page = window as unknown as LifetimeWindow
  const fetched = page.fetchInPage({ url })
  await page.wait(5000)
  const from = Date.now()
  while (Date.now() < from + 60_000);
  const to = Date.now()
  return { from, to, got: await fetched }
}

async function readHidden(url: string) {
  const page = window as unknown as LifetimeWindow
  const states: string[] = [document.visibilityState]
  const begun = performance.now()
  const fetched = page.fetchInPage({ url })
  if (window.open('about:blank') === null) throw new Error('The browser opened no window.')
  await page.wait(5000)
  states.push(document.visibilityState)
  const from = performance.now()
  for (let tick = 0; tick < 10; tick++) await page.wait(100)
  const ticksMs = performance.now() - from
  const got = await fetched
  const ms = performance.now() - begun
  states.push(document.visibilityState)
  return { got, states, ticksMs, ms, pings: page.pings.length }
}
