import { expect, test } from 'vitest'
import { memoryRecordStore } from '../reconstruction/record-store.ts'
import type { CatalogFile } from '../store/store.ts'
import { tidyRecords } from './device.ts'

const states: Partial<Record<string, CatalogFile['state']>> = {
  'xet:partial': 'partial',
  'xet:complete': 'complete',
}

async function entry(content: string): Promise<CatalogFile | undefined> {
  const state = states[content]
  return state && ({ content, state } as CatalogFile)
}

/** What is left of records asked for at 100, in a store that holds one of the files whole and one in part. */
async function left(before: number): Promise<readonly string[]> {
  const records = memoryRecordStore()
  for (const content of ['xet:partial', 'xet:complete', 'xet:unknown']) {
    const block = { range: { start: 0, end: 1 }, runs: [], descriptors: [], generation: 1 }
    const at = { fetchedAt: 100, deadline: null, skew: 0 }
    await records.update(content, () => ({ blocks: [{ ...block, ...at }] }))
  }
  await tidyRecords(records, { entry }, before)
  return await records.contents()
}

test('only what an unfinished file needs is remembered for long', async () => {
  expect(await left(100)).toHaveLength(3)
  expect(await left(101)).toEqual(['xet:partial'])
})
