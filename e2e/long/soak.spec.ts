import { expect } from '@playwright/test'
import type { Stage } from '../stage/Stage.ts'
import type { StageFile } from '../stage/StageFile.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { sha256 } from '../stage/sha256.ts'
import { stopServiceWorkers } from '../stage/stopServiceWorkers.ts'
import { digestInPage, isRefused } from './stage/digestInPage.ts'
import { injectFault } from './stage/injectFault.ts'
import { note } from './stage/note.ts'
import { randomFrom } from './stage/randomFrom.ts'
import { seed } from './stage/seed.ts'
import { soakFiles } from './stage/soakFiles.ts'
import { storeInPage } from './stage/storeInPage.ts'
import { test } from './stage/test.ts'
import { uploadMany } from './stage/uploadMany.ts'

const soakMs = 120_000
const lanes = 3
const repo = 'stage/soak'

test.use({
  hubOptions: {
    descriptorBytes: 1_500_000,
    urlLifetimeMs: 20_000,
    withoutXet: [`${repo}/*.plain`],
  },
})

test('thirty files, two tabs, and random faults of every kind', async ({ stage }) => {
  const bytes = soakFiles(randomFrom(seed))
  const files = await uploadMany(stage.hub.url, repo, bytes)
  const retry = { stallMs: 1500, delayMs: 100, maxDelayMs: 1000 }
  await stage.connect({ retry })
  const tabs = [stage, await stage.tab()]
  const tally = { whole: 0, parts: 0, errors: 0, refused: 0, reloads: 0, faults: 0 }
  const wrong: string[] = []
  const until = Date.now() + soakMs

  /** Loads one random file after the other, in one of several ways, and checks each response. */
  const lane = async (tab: Stage, random: () => number): Promise<void> => {
    while (Date.now() < until) {
      const file = files[Math.floor(random() * files.length)]!
      const range = file.size > 1 && random() < 0.3 ? someRange(file, random) : undefined
      const asked = {
        url: tab.url(file),
        slice: Math.max(1, file.size),
        by: random() < 0.5 ? ('page' as const) : ('ferry' as const),
        ...(range && { headers: { range: `bytes=${range.start}-${range.end - 1}` } }),
        ...(random() < 0.25 && { abortMs: Math.floor(random() * 800) }),
      }
      const got = await tab.page.evaluate(digestInPage, asked).catch(ifReloaded)
      if (got === undefined || got.failure !== undefined) tally.errors += 1
      else if (isRefused(got)) tally.refused += 1
      else {
        const { start, end } = range ?? { start: 0, end: file.size }
        const expected = sha256(bytes.get(file.path)!.subarray(start, end))
        const same = (got.digests[0] ?? sha256(new Uint8Array())) === expected
        if (same && got.status === (range ? 206 : 200)) tally[range ? 'parts' : 'whole'] += 1
        else wrong.push(JSON.stringify({ ...asked, path: file.path, got }))
      }
    }
  }
  const injectFaults = async (random: () => number): Promise<void> => {
    while (Date.now() < until) {
      await injectFault(stage.hub.hub, random)
      tally.faults += 1
      await stage.page.waitForTimeout(200 + random() * 600)
    }
  }
  const reloads = async (random: () => number): Promise<void> => {
    while (Date.now() < until) {
      await stage.page.waitForTimeout(5000 + random() * 8000)
      await tabs[Math.floor(random() * tabs.length)]!.reload()
      tally.reloads += 1
    }
  }
  /** Removes files, too, so that there is always something to fetch. */
  const drops = async (random: () => number): Promise<void> => {
    while (Date.now() < until) {
      await stage.page.waitForTimeout(400 + random() * 800)
      const file = files[Math.floor(random() * files.length)]!
      const tab = tabs[Math.floor(random() * tabs.length)]!
      await tab.page.evaluate(remove, tab.url(file)).catch(ifReloaded)
    }
  }
  await Promise.all([
    ...tabs.flatMap((tab, at) =>
      Array.from({ length: lanes }, (_, index) =>
        lane(tab, randomFrom(seed * 100 + at * 10 + index)),
      ),
    ),
    injectFaults(randomFrom(seed + 1)),
    reloads(randomFrom(seed + 2)),
    drops(randomFrom(seed + 3)),
  ])
  note('tally', JSON.stringify(tally))
  expect(wrong).toEqual([])
  expect(tally.whole).toBeGreaterThan(30)
  expect(tally.errors).toBeGreaterThan(0)

  stage.hub.hub.faults.clear()
  // Files of a repository that had to be passed through are not kept for some minutes, as running realms remember.
  await stopServiceWorkers(stage.page)
  await Promise.all(tabs.map((tab) => tab.reload()))
  for (const [index, file] of files.entries()) {
    const got = await tabs[index % 2]!.fetch(file, { by: index % 3 === 0 ? 'ferry' : 'page' })
    expect(got, file.path).toMatchObject({ status: 200, sha256: file.sha256, size: file.size })
    expect(got.failure).toBeUndefined()
  }
  for (const file of files)
    expect(await stage.page.evaluate(verify, stage.url(file)), file.path).toBe(true)

  // A loader sweeps when it starts.
  await Promise.all(tabs.map((tab) => tab.reload()))
  await expect.poll(() => leftovers(stage)).toEqual([])
  const { files: entries, folders, locks } = await stage.page.evaluate(storeInPage)
  expect(locks).toEqual([])
  expect(new Set(entries.map(({ content }) => content)).size).toBe(entries.length)
  expect(entries.map(({ size }) => size).toSorted((a, b) => a - b)).toEqual(
    // Equal files, as the two empty ones, are one on the device.
    [...new Map(files.map(({ sha256, size }) => [sha256, size])).values()].toSorted(
      (a, b) => a - b,
    ),
  )
  for (const { name, size, state } of entries)
    expect({ state, data: folders[name]?.['data'] ?? 0 }).toEqual({ state: 'complete', data: size })

  await stage.page.evaluate(() => (window as unknown as StageWindow).ferry.clear())
  expect(Object.keys((await stage.page.evaluate(storeInPage)).folders)).toEqual([])
})

/** Unknown folders, and files in the folders of finished files besides their bytes and one journal. */
async function leftovers(stage: Stage): Promise<string[]> {
  const { files, removed, folders } = await stage.page.evaluate(storeInPage)
  const known = new Set([...files.map(({ name }) => name), ...removed])
  const own = new Set(files.map(({ name }) => name))
  return Object.entries(folders).flatMap(([folder, sizes]) => {
    if (!known.has(folder)) return [folder]
    const more = Object.keys(sizes).filter((name) => name !== 'data')
    return own.has(folder) && more.length > 1 ? [`${folder}: ${more.join(' ')}`] : []
  })
}

function someRange({ size }: StageFile, random: () => number): { start: number; end: number } {
  const start = Math.floor(random() * size)
  return { start, end: start + 1 + Math.floor(random() * (size - start)) }
}

/** Work in a page ends with the page, and a new page is not connected yet. */
function ifReloaded(error: unknown): undefined {
  if (!/context was destroyed|navigat|closed|of undefined/i.test(String(error))) throw error
}

async function remove(url: string): Promise<boolean> {
  return await (window as unknown as StageWindow).ferry.remove(url)
}

async function verify(url: string): Promise<boolean> {
  return await (window as unknown as StageWindow).ferry.verify(url)
}
