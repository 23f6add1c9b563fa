import { expect, test } from 'vitest'
import { filesToCheck, filesToCompare } from './upkeep.ts'
import type { StoredFile } from '../store/index.ts'

const minute = 60_000

function stored(content: string, more: Partial<StoredFile> = {}): StoredFile {
  return {
    content,
    size: 9,
    name: content,
    state: 'complete',
    driver: 'sync',
    generation: 1,
    journal: { generation: 1, count: 1 },
    createdAt: 0,
    lastUsed: 0,
    proof: 'xet',
    pinned: false,
    held: 9,
    parts: [],
    urls: [],
    ...more,
  }
}

test('complete files with a known hash are checked, those that were never checked first', () => {
  const now = 1000 * minute
  const files = [
    stored('checked an hour ago', { checkedAt: now - 60 * minute }),
    stored('never checked'),
    stored('checked yesterday', { checkedAt: 1, proof: 'sha256' }),
    stored('just checked', { checkedAt: now - minute }),
    stored('without a hash', { proof: 'length' }),
    stored('unfinished', { state: 'partial' }),
  ]
  expect(filesToCheck(files, now).map(({ content }) => content)).toEqual([
    'never checked',
    'checked yesterday',
    'checked an hour ago',
  ])
})

test('large files that were loaded in this session are compared with the SHA-256 that was announced beside their Xet hash', () => {
  const named = (digit: string): string => `xet:${digit.repeat(64)}+sha256:${digit.repeat(64)}`
  const large = { size: 17 * 2 ** 20 }
  const files = [
    stored(named('a')),
    stored(named('b'), large),
    stored(`xet:${'c'.repeat(64)}`, large),
    stored(named('d'), { ...large, checkedAt: 1 }),
    stored(named('e'), { ...large, proof: 'sha256' }),
  ]
  expect(filesToCompare(files, 1000 * minute).map(({ content }) => content)).toEqual([named('b')])
})
