import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import { digestInPage } from './stage/digestInPage.ts'
import type { Digested } from './stage/digestInPage.ts'
import type { HugeFile } from './stage/HugeFile.ts'
import { MemoryWatch } from './stage/MemoryWatch.ts'
import { note } from './stage/note.ts'
import { test } from './stage/test.ts'
import { uploadHuge } from './stage/uploadHuge.ts'

const MIB = 2 ** 20
/** Four and a half blocks of 256 MiB; a block is the range of one call. */
const size = 1_200_000_000
/** A slice of the fifth block. */
const ahead = 130

test('a file of 1.2 GB: cold in bounded memory, warm without storage, ranges anywhere', async ({
  diskStage,
  scratch,
}) => {
  const { page, traffic } = diskStage
  const setUp = Date.now()
  const huge = await uploadHuge(diskStage.hub.url, scratch, size)
  note('upload', `${Date.now() - setUp} ms`)
  await rm(join(scratch, 'huge.gguf'))
  const url = diskStage.url(huge)
  await diskStage.connect()
  // Loads code and wasm first, so that their memory is not counted.
  await diskStage.fetch(diskStage.files.mixed)
  traffic.clear()

  const memory = await MemoryWatch.of(diskStage.context)
  const began = Date.now()
  const cold = page.evaluate(digestInPage, { url, slice: huge.slice })
  await diskStage.until(huge, size / 10)
  // While the front is being downloaded; pieces are as large as xorbs, so it waits for a connection first.
  expect(await far(page, { url, huge, index: ahead, by: 'ferry' })).toBe(true)
  note('far ahead', `${Date.now() - began} ms`)
  expect(whole(await cold, huge)).toBe(true)
  memory.end()
  note('cold', `${Date.now() - began} ms`)
  for (const type of ['renderer', 'browser'])
    note(`${type} grew by`, `${Math.round(memory.growth(type) / MIB)} MiB`)
  expect(memory.growth('renderer')).toBeLessThan(600e6)
  // A request that is ended for what a reader waits for, before it has brought a chunk, is repeated.
  expect(traffic.repeated().length).toBeLessThan(4)
  expect(traffic.of('reconstruction').length).toBeGreaterThan(4)
  expect(new Set(traffic.of('xorb').map(({ path }) => path)).size).toBeGreaterThan(10)
  // Neighbouring blocks share a chunk at their edge.
  expect(traffic.bytes('xorb')).toBeLessThan(size)

  traffic.clear()
  const start = Date.now()
  const warm = await page.evaluate(digestInPage, { url, slice: huge.slice })
  note('warm', `${Date.now() - start} ms`)
  expect(warm.headers['x-modelferry']).toBe('hit')
  expect(whole(warm, huge)).toBe(true)
  await diskStage.reload()
  for (const index of [0, 31, 32, 63, 64, 127, 128, huge.digests.length - 2])
    expect(await far(page, { url, huge, index })).toBe(true)
  const last = await page.evaluate(digestInPage, {
    url,
    slice: huge.slice,
    headers: { range: `bytes=-${size % huge.slice}` },
  })
  expect(last).toMatchObject({ status: 206, digests: [huge.digests.at(-1)] })
  expect(last.headers['content-range']).toBe(
    `bytes ${size - (size % huge.slice)}-${size - 1}/${size}`,
  )
  expect(traffic.all).toEqual([])
  expect(await diskStage.held()).toContainEqual(
    expect.objectContaining({ size, complete: true, verified: 'xet' }),
  )
})

/** Whether one slice, requested as a range, is correct. */
async function far(
  page: Page,
  {
    url,
    huge,
    index,
    by = 'page',
  }: { url: string; huge: HugeFile; index: number; by?: 'page' | 'ferry' },
): Promise<boolean> {
  const { slice, digests } = huge
  const start = index * slice
  const headers = { range: `bytes=${start}-${start + slice - 1}` }
  const got = await page.evaluate(digestInPage, { url, slice, headers, by })
  return got.status === 206 && got.digests.join() === digests[index]
}

/** Compares here, because a diff of the hashes would fill the screen. */
function whole({ status, failure, digests, ...got }: Digested, huge: HugeFile): boolean {
  const same = digests.join() === huge.digests.join()
  if (!same) note('wrong', JSON.stringify({ status, failure, size: got.size }))
  return status === 200 && failure === undefined && same
}
