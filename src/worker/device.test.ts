import 'fake-indexeddb/auto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../platform/platform.ts'
import { Branches } from '../store/branches.ts'
import { createHasher } from '../codec/hasher.ts'
import { MemoryStore } from '../transfer/testing/MemoryStore.ts'
import {
  addressesOf,
  branchNames,
  Device,
  heldFile,
  CachedResponses,
  pruneRecords,
  reopenDamaged,
} from './device.ts'
import type { CatalogUrl, StoredFile, CatalogFile } from '../store/store.ts'
import { memoryRecordStore } from '../reconstruction/record-store.ts'

function url(name: string, checkedAt: number, commit?: string): CatalogUrl {
  const address = `https://hub.example/${name}`
  const info = { url: address, size: 9, content: 'xet:1', etag: `"${name}"`, fetchedAt: 0 }
  return {
    url: address,
    checkedAt,
    grants: ['grant-of-another-user'],
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

describe('storage addresses of a URL', () => {
  const hub = 'https://hub.example/a/b/resolve'
  const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [
    string,
    string,
    string,
  ]

  test('the commit that this page sees comes first, then other commits, then the URL itself', async () => {
    const branches = new Branches(openDatabase(crypto.randomUUID(), 'catalog'))
    const base = `${hub}/main`
    await branches.confirm(base, 'ann', one, 1)
    await branches.confirm(base, 'public', two, 2)
    await branches.confirm(base, 'public', three, 3)
    await branches.look({ client: 'page', base, commit: two, takenAt: 4 })
    const of = async (url: string, client: string): Promise<readonly string[]> =>
      await addressesOf({ branches }, url, client)
    expect(await of(`${base}/x`, 'page')).toEqual(
      [two, three, one, 'main'].map((at) => `${hub}/${at}/x`),
    )
    expect(await of(`${base}/x`, 'other')).toEqual(
      [three, two, one, 'main'].map((at) => `${hub}/${at}/x`),
    )
    expect(await of(`${hub}/${one}/x`, 'page')).toEqual([`${hub}/${one}/x`])
  })
})

describe('URLs by branches', () => {
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
  const hub = 'https://hub.example/a/b/resolve'

  test("a file has the URL of its branch only at the branch's newest commit", () => {
    const branch = { base: `${hub}/main`, grant: 'public', commits: [two, one], checkedAt: 0 }
    const addresses = [
      `${hub}/${one}/x.onnx`,
      `${hub}/${two}/x.onnx`,
      `${hub}/${one}/deep/old.json?download=true`,
      `${hub}/${'3'.repeat(40)}/x.onnx`,
      `${hub}/main/y.onnx`,
      `https://hub.example/a/other/resolve/${one}/x.onnx`,
    ]
    const tag = { ...branch, base: `${hub}/v1`, commits: [one] }
    const proposal = { ...branch, base: `${hub}/refs/pr/1`, commits: ['3'.repeat(40)] }
    const again = { ...branch, grant: 'another user' }
    expect([...branchNames(addresses, [branch, again, tag, proposal])]).toEqual([
      [`${hub}/${two}/x.onnx`, [`${hub}/main/x.onnx`]],
      [
        `${hub}/${one}/deep/old.json?download=true`,
        [`${hub}/main/deep/old.json?download=true`, `${hub}/v1/deep/old.json?download=true`],
      ],
      [`${hub}/${one}/x.onnx`, [`${hub}/v1/x.onnx`]],
      [`${hub}/${'3'.repeat(40)}/x.onnx`, [`${hub}/refs/pr/1/x.onnx`]],
    ])
  })
})

describe('a stored file, as reported to a page', () => {
  test('the report contains no folders and no grants', () => {
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

  test('a file that nothing but its length proves is reported as not verified', () => {
    expect(heldFile({ ...stored(), proof: 'length' }, new Map())).toMatchObject({ verified: 'no' })
  })

  test('an unfinished file without URLs has neither a proof nor a revision', () => {
    const { proof: _, ...rest } = stored()
    const file = heldFile({ ...rest, state: 'partial', held: 3, urls: [] }, new Map())
    expect(file).toMatchObject({ complete: false, held: 3, urls: [] })
    expect(file).not.toHaveProperty('verified')
    expect(file).not.toHaveProperty('revision')
    expect(file).not.toHaveProperty('etag')
  })
})

describe('cleanup of reconstruction records', () => {
  const states: Partial<Record<string, CatalogFile['state']>> = {
    'xet:partial': 'partial',
    'xet:complete': 'complete',
  }

  async function entry(content: string): Promise<CatalogFile | undefined> {
    const state = states[content]
    return state && ({ content, state } as CatalogFile)
  }

  /** The remaining records of time 100, in a store with one complete and one partial file. */
  async function left(before: number): Promise<readonly string[]> {
    const records = memoryRecordStore()
    for (const content of ['xet:partial', 'xet:complete', 'xet:unknown']) {
      const block = { range: { start: 0, end: 1 }, runs: [], descriptors: [], generation: 1 }
      const at = { fetchedAt: 100, deadline: null, skew: 0 }
      await records.update(content, () => ({ blocks: [{ ...block, ...at }] }))
    }
    await pruneRecords(records, { entry }, before)
    return await records.contents()
  }

  test('old records are kept only for unfinished files', async () => {
    expect(await left(100)).toHaveLength(3)
    expect(await left(101)).toEqual(['xet:partial'])
  })
})

describe('removing a URL', () => {
  const hub = 'https://hub.example/a/b/resolve'
  const commit = '1'.repeat(40)
  const refusal = { status: 404, statusText: 'Not Found', headers: [], body: new Uint8Array() }

  async function start(): Promise<{ store: MemoryStore; device: Device }> {
    vi.stubGlobal('caches', { has: async () => false })
    onTestFinished(() => void vi.unstubAllGlobals())
    const store = new MemoryStore(await createHasher())
    const answers = new CachedResponses('https://app.example/')
    return { store, device: new Device(store.asStore, answers, 'page') }
  }

  test('forgets a public 404 at every commit of the branch', async () => {
    const { store, device } = await start()
    await store.branches.confirm(`${hub}/main`, 'public', commit, 1)
    for (const grant of ['public', 'ann'])
      await store.saveMissing({ url: `${hub}/${commit}/x.json`, grant, refusal, checkedAt: 1 })
    await store.saveMissing({ url: `${hub}/${commit}/y.json`, grant: 'ann', refusal, checkedAt: 1 })
    expect(await device.remove(`${hub}/main//x.json?download=true`)).toBe(true)
    expect([...store.missingEntries.keys()]).toEqual([`ann ${hub}/${commit}/y.json`])
    expect(await device.remove(`${hub}/main/x.json`)).toBe(false)
  })

  test('removes the file of a signed URL, whatever the signature', async () => {
    const { store, device } = await start()
    const name = 'https://store.example/x.onnx'
    await store.saveUrl({ url: name, size: 9, content: 'etag:1', fetchedAt: 0 }, 'ann')
    expect(await device.remove(`${name}?X-Amz-Signature=other`)).toBe(true)
    expect(store.urls.size).toBe(0)
  })
})

test.each([
  ['xet', 'xet'],
  ['length', 'no'],
  [undefined, undefined],
] as const)('a check of a file with the proof %s says verified: %s', async (proof, verified) => {
  const store = {
    url: async () => url('a', 1),
    entry: async () => stored(proof && { proof }),
    verify: async () => ({ name: 'folder', intact: true, bytes: 9, damaged: [], gone: false }),
  }
  const { proof: _, ...unproven } = stored()
  if (!proof) store.entry = async () => unproven
  const answers = new CachedResponses('https://app.example/')
  const report = await new Device(store as never, answers, 'page').verify('https://hub.example/a')
  expect(report).toMatchObject({ state: 'complete', intact: true, held: 9 })
  expect(report.verified).toBe(verified)
})

test('damaged bytes become a partial file, but not those that have replaced them meanwhile', async () => {
  const store = new MemoryStore(await createHasher())
  await (await store.begin('xet:1', 9)).close()
  const { name } = (await store.entry('xet:1')) ?? {}
  const begin = vi.spyOn(store, 'begin')
  const damaged = { intact: false, bytes: 9, damaged: [{ start: 0, end: 9 }] }
  await reopenDamaged(store.asStore, 'xet:1', { ...damaged, name: 'removed' })
  expect(begin).not.toHaveBeenCalled()
  await reopenDamaged(store.asStore, 'xet:1', { ...damaged, name: name ?? '' })
  expect(begin).toHaveBeenCalledOnce()
})
