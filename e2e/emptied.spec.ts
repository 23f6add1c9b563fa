import { expect } from '@playwright/test'
import { onlyLong } from './stage/onlyLong.ts'
import type { Stage } from './stage/Stage.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { test } from './stage/test.ts'

/** Deletes all private files of the origin, as a library does that assumes they are its own. */
async function emptyFiles({ page }: Stage): Promise<void> {
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    for await (const name of root.keys())
      for (let tries = 1; ; tries += 1)
        try {
          await root.removeEntry(name, { recursive: true })
          break
        } catch (error) {
          // Chromium refuses it in the moment in which another realm opens a file there.
          if (tries === 50 || (error as Error).name !== 'NoModificationAllowedError') throw error
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
  })
}

async function deleteDatabases({ page }: Stage): Promise<void> {
  const outcomes = await page.evaluate(async () => {
    const databases = await indexedDB.databases()
    const deletions = databases.map(
      ({ name }) =>
        new Promise<string>((resolve) => {
          const request = indexedDB.deleteDatabase(name ?? '')
          for (const type of ['success', 'blocked', 'error'])
            request.addEventListener(type, () => resolve(type))
        }),
    )
    return await Promise.all(deletions)
  })
  expect(new Set(outcomes)).toEqual(new Set(['success']))
}

/** Deletes what "clear site data" deletes, except the service worker. */
async function clearData(stage: Stage): Promise<void> {
  const session = await stage.context.newCDPSession(stage.page)
  const { origin } = new URL(stage.site.url)
  await session.send('Storage.clearDataForOrigin', {
    origin,
    storageTypes: 'file_systems,indexeddb,cache_storage',
  })
}

for (const [what, empty] of Object.entries({
  'the private files are deleted': emptyFiles,
  'the databases are deleted': deleteDatabases,
  "the site's data is cleared": clearData,
}))
  test(`${what} while two pages are open: both fetch and store files again`, async ({ stage }) => {
    const { vad, mixed } = stage.files
    await stage.connect()
    const other = await stage.tab()
    expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
    await empty(stage)

    for (const [tab, file, by] of [
      [stage, vad, 'page'],
      [other, mixed, 'ferry'],
    ] as const)
      for (const label of ['stream', 'hit']) {
        const answer = await tab.fetch(file, { by })
        expect(answer).toMatchObject({ status: 200, sha256: file.sha256 })
        expect(answer.headers['x-modelferry']).toBe(label)
      }
    await expect.poll(() => other.held()).toMatchObject([{ complete: true }, { complete: true }])
    expect([...(await stage.events('fault')), ...(await other.events('fault'))]).toEqual([])
  })

test(
  'the private files are deleted late in a large file: what the page has read is not fetched again',
  onlyLong(true),
  async ({ stage }) => {
    const { large } = stage.files
    // The end of the file, which is in a xorb of its own, comes late.
    const stall = { do: 'stall', after: 500_000, ms: 5000 } as const
    stage.hub.hub.faults.add({ kind: 'xorb', nth: 7, times: 1, action: stall })
    await stage.connect()
    const running = stage.fetch(large)
    await stage.until(large, 64 * 2 ** 20)
    await stage.page.waitForTimeout(1500)
    // A file cannot be removed while its writer has it open.
    await expect(() => emptyFiles(stage)).toPass()
    expect(await running).toMatchObject({ status: 200, size: large.size, sha256: large.sha256 })
    const received = stage.traffic.bytes('xorb')
    expect(received).toBeLessThan(large.size * 1.1)
    expect(await stage.fetch(large)).toMatchObject({ status: 200, sha256: large.sha256 })
    await expect.poll(() => stage.held()).toMatchObject([{ complete: true }])
  },
)

test("the site's data is cleared with the service worker: the page knows that it is not controlled, and goes on", async ({
  stage,
}) => {
  const { vad, mixed } = stage.files
  await stage.connect()
  const { answers } = stage.site
  answers.set('/leave', { headers: { 'clear-site-data': '"storage"' }, body: '' })
  await stage.page.evaluate(() => fetch('/leave'))
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(plain.headers['x-modelferry']).toBeUndefined()
  const controlled = await stage.page.evaluate(
    () => (window as unknown as StageWindow).ferry.controlled,
  )
  expect(controlled).toBe(false)
  const explained = await stage.page.evaluate(
    (url) => (window as unknown as StageWindow).ferry.explain(url),
    stage.url(vad),
  )
  expect(explained).toMatchObject({ carried: false, from: 'network' })
  expect(explained.reasons[0]).toContain('cleared')
  const faults = await stage.events('fault')
  expect(faults).toMatchObject([{ code: 'worker' }])
  expect(faults[0]?.message).toMatch(/cleared site data.*Reload the page/)
  expect(await stage.fetch(mixed, { by: 'ferry' })).toMatchObject({ sha256: mixed.sha256 })
  expect(await stage.reload()).toBe(true)
  expect((await stage.fetch(mixed)).headers['x-modelferry']).toMatch(/hit|stream/)
})

async function clearByOther(stage: Stage): Promise<void> {
  const other = await stage.tab()
  await other.page.evaluate(() => (window as unknown as StageWindow).ferry.clear())
}

test.describe('while a file is being loaded', () => {
  test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

  for (const [what, empty] of Object.entries({
    'another page clears everything': clearByOther,
    'the private files are deleted': emptyFiles,
    "the site's data is cleared": clearData,
  }))
    // The browser takes several seconds to clear all data of a site.
    test(
      `${what}: the body goes on, and hardly anything is fetched twice`,
      onlyLong(empty === clearData),
      async ({ stage }) => {
        const { wide } = stage.files
        const stall = { do: 'stall', after: 500_000, ms: 4000 } as const
        stage.hub.hub.faults.add({ kind: 'xorb', nth: 10, times: 6, action: stall })
        await stage.connect()
        const running = stage.fetch(wide)
        await stage.until(wide, wide.size / 3)
        await empty(stage)
        expect(await running).toMatchObject({ status: 200, size: wide.size, sha256: wide.sha256 })
        expect(stage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.2)
      },
    )
})
