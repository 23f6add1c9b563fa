import { expect, test } from 'vitest'
import type { CatalogUrl } from '../store/store.ts'
import type { StoredFile } from '../store/store.ts'
import { heldFile } from './device.ts'

function url(name: string, checkedAt: number, commit?: string): CatalogUrl {
  const address = `https://hub.example/${name}`
  const info = { url: address, size: 9, content: 'xet:1', etag: `"${name}"`, fetchedAt: 0 }
  return {
    url: address,
    checkedAt,
    grants: ['grant-of-somebody'],
    info: commit === undefined ? info : { ...info, commit },
  }
}

function stored(change: Partial<StoredFile> = {}): StoredFile {
  return {
    content: 'xet:1',
    size: 9,
    name: 'folder',
    state: 'complete',
    driver: 'sync',
    generation: 1,
    journal: { generation: 1, count: 1 },
    createdAt: 1,
    lastUsed: 2,
    proof: 'xet',
    pinned: true,
    held: 9,
    parts: [],
    urls: [url('a', 5, 'old'), url('b', 7, 'new'), url('c', 6)],
    ...change,
  }
}

test('a page is told what it may know: no folders, no grants', () => {
  const names = new Map([['https://hub.example/b', ['https://hub.example/main']]])
  expect(heldFile(stored(), names)).toEqual({
    urls: [
      'https://hub.example/a',
      'https://hub.example/main',
      'https://hub.example/b',
      'https://hub.example/c',
    ],
    content: 'xet:1',
    size: 9,
    held: 9,
    complete: true,
    lastUsed: 2,
    pinned: true,
    revision: 'new',
    etag: '"b"',
    verified: 'xet',
  })
})

test('an unfinished file without addresses is neither proven nor of a revision', () => {
  const { proof: _, ...rest } = stored()
  const file = heldFile({ ...rest, state: 'partial', held: 3, urls: [] }, new Map())
  expect(file).toMatchObject({ complete: false, held: 3, urls: [] })
  expect(file).not.toHaveProperty('verified')
  expect(file).not.toHaveProperty('revision')
  expect(file).not.toHaveProperty('etag')
})
