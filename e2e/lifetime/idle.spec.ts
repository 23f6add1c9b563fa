import { expect } from '@playwright/test'
import { note } from '../long/stage/note.ts'
import { browsers } from './stage/browsers.ts'
import type { LifetimeWindow } from './stage/LifetimeWindow.ts'
import { uploadNoise } from './stage/uploadNoise.ts'
import { test } from './stage/test.ts'

const limitMs = 5 * 60_000

for (const browser of browsers) {
  test(`${browser}: without open requests there are no pings, and the service worker ends by itself`, async ({
    hub,
    cross,
  }) => {
    const file = await uploadNoise(hub, { name: 'idle', size: 600_000, stallMs: 40_000 })
    const seen = await cross({ browser, work: readThenRest, input: file.url, limitMs })
    const { got, from, over, after, pings } = seen
    const open = pings.filter((at) => at < over)
    const later = pings.filter((at) => at >= over)
    note(browser, `${open.length} pings while open, ${later.length} after`)
    expect(got).toMatchObject({ status: 200, sha256: file.sha256 })
    // Every 10 s.
    expect(open.length).toBeGreaterThanOrEqual(3)
    expect(open.length).toBeLessThanOrEqual((over - from) / 10_000 + 1)
    expect(later).toEqual([])
    expect(seen.open).not.toBeNull()
    expect(after).toBeNull()
  })

  test(`${browser}: the service worker ends during a transfer, and the transfer continues`, async ({
    hub,
    traffic,
    cross,
  }) => {
    const slow = await uploadNoise(hub, { name: 'slow', size: 1_200_000, stallMs: 55_000 })
    const quick = await uploadNoise(hub, { name: 'quick', size: 1_000_000, stallMs: 0 })
    const input = { slow: slow.url, quick: quick.url }
    const seen = await cross({ browser, work: prefetchAndRest, input, limitMs })
    note(browser, JSON.stringify({ held: seen.held, starts: seen.starts }))
    const [first, resting, again] = seen.starts
    expect(first).not.toBeNull()
    expect(resting).toBeNull()
    expect(seen.held).toBeLessThan(slow.size)
    expect(seen.between).toMatchObject({ status: 200, sha256: quick.sha256 })
    expect(again).not.toBeNull()
    expect(again).not.toBe(first)
    // The transfer ran all the time.
    expect(seen.running).toBe(true)
    expect(seen.got).toMatchObject({ status: 200, sha256: slow.sha256 })
    expect(seen.got.headers['x-modelferry']).toBe('hit')
    expect(traffic.repeated()).toEqual([])
  })
}

async function readThenRest(url: string) {
  const page = window as unknown as LifetimeWindow
  // The requests of connect() itself have ended.
  await page.wait(2000)
  const before = page.pings.length
  const from = Date.now()
  const fetched = page.fetchInPage({ url })
  await page.wait(35_000)
  const open = await page.sight()
  const got = await fetched
  const over = Date.now()
  await page.wait(75_000)
  return { got, from, over, open, after: await page.sight(), pings: page.pings.slice(before) }
}

async function prefetchAndRest({ slow, quick }: { slow: string; quick: string }) {
  const page = window as unknown as LifetimeWindow
  const first = await page.sight()
  let running = true
  const load = Promise.resolve(page.ferry.prefetch([slow])).finally(() => (running = false))
  await page.wait(45_000)
  const resting = await page.sight()
  const held = page.held[slow] ?? 0
  const wasRunning = running
  const between = await page.fetchInPage({ url: quick })
  const again = await page.sight()
  await load
  const got = await page.fetchInPage({ url: slow })
  return { starts: [first, resting, again], held, running: wasRunning, between, got }
}
