import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import { note } from '../long/stage/note.ts'
import { sha256 } from '../stage/sha256.ts'
import type { LifetimeWindow } from './stage/LifetimeWindow.ts'
import { uploadNoise } from './stage/uploadNoise.ts'
import { test } from './stage/test.ts'

test('chromium: the service worker blocks and is terminated: the body errors, and received ranges are not fetched again', async ({
  hub,
  traffic,
  cross,
}) => {
  const file = await uploadNoise(hub, { name: 'hung', size: 6_000_000, stallMs: 15_000 })
  const seen = await cross({
    browser: 'chromium',
    work: hangWorker,
    input: file.url,
    limitMs: 8 * 60_000,
  })
  const { failed, got, endedMs, failedAt } = seen
  const whole = traffic.of('xorb').filter(isWhole)
  const early = whole.filter(({ at }) => at < failedAt - 15_000)
  note('chromium', `ended after ${endedMs} ms: ${failed.size} bytes, ${failed.failure}`)
  note('chromium', `${early.length} of ${whole.length} ranges had arrived by then`)
  expect(failed.failure).toBeDefined()
  expect(failed.size).toBeGreaterThan(0)
  expect(failed.size).toBeLessThan(file.size)
  expect(failed.sha256).toBe(sha256(file.bytes.subarray(0, failed.size)))
  expect(got).toMatchObject({ status: 200, size: file.size, sha256: file.sha256 })
  expect(seen.again).not.toBe(seen.first)
  expect(early.length).toBeGreaterThan(6)
  const names = whole.map(({ path, range }) => `${path} ${range}`)
  expect(names).toEqual([...new Set(names)])
})

/** Whether a range was delivered completely; an aborted request gets the first part only. */
function isWhole({ range, bytes }: LogEntry): boolean {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
  return bytes === Number(last) - Number(first) + 1
}

async function hangWorker(url: string) {
  const page = window as unknown as LifetimeWindow
  const first = await page.sight()
  const reading = page.fetchInPage({ url })
  // One round has ended, and the next one has not.
  await page.wait(24_000)
  navigator.serviceWorker.controller?.postMessage('hang')
  const from = Date.now()
  const failed = await reading
  const failedAt = Date.now()
  const got = await page.fetchInPage({ url })
  return { first, failed, got, endedMs: failedAt - from, failedAt, again: await page.sight() }
}
