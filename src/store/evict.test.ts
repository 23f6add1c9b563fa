import { expect, test } from 'vitest'
import type { CatalogFile } from './store.ts'
import { evict } from './quota.ts'

const now = 1_000_000_000
const minute = 60_000

function file(
  content: string,
  size: number,
  minutesAgo: number,
  more: Partial<CatalogFile> = {},
): CatalogFile {
  return {
    content,
    size,
    name: content,
    state: 'complete',
    driver: 'sync',
    generation: 1,
    journal: { generation: 1, count: 1 },
    createdAt: 0,
    lastUsed: now - minutesAgo * minute,
    pinned: false,
    held: size,
    parts: [],
    ...more,
  }
}

const old = file('old', 100, 300)
const older = file('older', 100, 400)
const small = file('small', 10, 500)

test.for<[string, CatalogFile[], number, string[] | undefined]>([
  ['nothing is needed', [old], 0, []],
  ['the longest unused goes first', [old, older], 50, ['older']],
  ['as many go as are needed', [old, older], 150, ['older', 'old']],
  ['none goes whose going makes no difference', [old, small], 50, ['old']],
  ['none goes when all would not be enough', [old, older], 250, undefined],
  ['pinned files stay', [file('pinned', 100, 300, { pinned: true })], 50, undefined],
  ['files on their way stay', [file('partial', 100, 300, { state: 'partial' })], 50, undefined],
  ['files at work stay', [file('busy', 100, 300)], 50, undefined],
  ['what was just answered stays', [file('fresh', 100, 11)], 50, undefined],
  ['what was answered eleven minutes ago may go', [file('cool', 100, 12)], 50, ['cool']],
])('%s', ([, files, need, wanted]) => {
  const chosen = evict({ files, need, now, busy: new Set(['busy']) })
  expect(chosen?.map(({ content }) => content).toSorted()).toEqual(wanted?.toSorted())
})
