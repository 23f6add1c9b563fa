import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { fileHash } from '../codec/xet-hash.ts'
import { contentId } from '../address/file-address.ts'
import type { FileInfo } from '../data/index.ts'
import { ChunkVerifier } from './chunk-verifier.ts'
import { proveFile, stagedFile, writeStaged } from './proof.ts'
import { MemoryFile } from './testing/MemoryFile.ts'
import { MemoryStore } from './testing/MemoryStore.ts'
import { sleep, systemClock } from '../core/async.ts'
import type { Net } from '../net/index.ts'
import type { PartialFile } from '../store/store.ts'

const hasher = await createHasher()
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const bytes = new Uint8Array([1, 2, 3, 4, 5, 6])
const rows = [bytes.subarray(0, 4), bytes.subarray(4)].map((part) => ({
  hash: hasher.chunk(part),
  length: part.length,
}))
const right = { xetHash: fileHash(rows, hasher), sha256: sha256Of(bytes) }
const wrong = { xetHash: 'a'.repeat(64), sha256: 'b'.repeat(64) }

/** Nothing, a hash of the bytes, or a hash of other bytes. */
const stated = fc.constantFrom<keyof typeof right | 'wrong' | undefined>(
  'sha256',
  'wrong',
  undefined,
)

test('whatever servers announce, bytes are proven only by a hash that their content id contains', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        xet: stated,
        sha: stated,
        body: stated,
        // Whether Xet storage, the file's own URL, or each for a part sent the bytes.
        way: fc.constantFrom('xet', 'own', 'both'),
        // An id of release 0.1.0 contains no SHA-256.
        old: fc.boolean(),
        withoutXet: fc.boolean(),
      }),
      async ({ xet, sha, body, way, old, withoutXet }) => {
        const of = (one: typeof xet, field: 'xetHash' | 'sha256'): string | undefined =>
          one && (one === 'wrong' ? wrong : right)[field]
        const xetHash = of(xet, 'xetHash')
        const sha256 = of(sha, 'sha256')
        // A body comes with the info of small files only, which have no other hash.
        const bodySha256 = xet || sha ? undefined : of(body, 'sha256')
        const size = bytes.length
        const url = 'https://host.example/x.bin'
        const named = { xetHash, sha256: old && xetHash ? undefined : sha256 }
        const content = await contentId({ url, size, etag: '"1"', ...named, bodySha256 })
        const known = { xetHash: withoutXet ? undefined : xetHash, sha256 }
        const info = { url, size, content, fetchedAt: 0, ...known } as FileInfo
        const file = new MemoryFile(content, size, hasher).begin()
        const verifier = new ChunkVerifier(size, hasher)
        await file.write(0, bytes)
        for (const [chunk, row] of rows.entries()) {
          const plain = way === 'own' || (way === 'both' && chunk === 1)
          const run = { xorb: plain ? '' : 'c'.repeat(64), chunk, offset: 4 * chunk, rows: [row] }
          await file.commit(run)
          verifier.add(run)
        }
        const proof = await proveFile(info, verifier, file, true)
        if (proof === 'xet') expect(named.xetHash).toBe(right.xetHash)
        if (proof === 'sha256') expect(named.sha256).toBe(right.sha256)
        if (proof === 'length') {
          expect(named).toEqual({ xetHash: undefined, sha256: undefined })
          expect([right.sha256, undefined]).toContain(bodySha256)
        }
        const provable = [named.sha256, bodySha256].includes(right.sha256) && way !== 'xet'
        if (provable || (named.xetHash === right.xetHash && !withoutXet))
          expect(proof).toBeDefined()
      },
    ),
  )
})

test('a file with a missing byte is not proven', async () => {
  const info = { url: 'https://host.example/x', size: 7, content: 'etag:1', fetchedAt: 0 }
  const file = new MemoryFile(info.content, info.size, hasher).begin()
  expect(await proveFile(info, new ChunkVerifier(7, hasher), file, true)).toBeUndefined()
})

test('a file with a SHA-256 whose delivered bytes are gone is not read, and not called proven', async () => {
  const sha256 = 'a'.repeat(64)
  const content = `sha256:${sha256}`
  const info = { url: 'https://host.example/x', size: 4, content, sha256, fetchedAt: 0 }
  const file = new MemoryFile(content, 4, hasher).begin()
  const verifier = new ChunkVerifier(4, hasher)
  const rows = [{ hash: new Uint8Array(32), length: 4 }]
  await file.write(0, new Uint8Array(4))
  const run = { xorb: '', chunk: 0, offset: 0, rows }
  verifier.add(run)
  file.read = () => Promise.reject(new Error('The bytes have been delivered.'))
  expect(await proveFile(info, verifier, file, false)).toBe('length')
  await expect(proveFile(info, verifier, file, true)).rejects.toThrow('delivered')
})

describe('a small file that loads beside others', () => {
  const run = { xorb: 'c'.repeat(64), chunk: 0, offset: 0, rows }
  const verifier = new ChunkVerifier(bytes.length, hasher)
  verifier.add(run)

  async function staged(
    store: MemoryStore,
    content: string,
    given: (bytes: Uint8Array) => void = () => undefined,
  ): Promise<PartialFile | undefined> {
    const info = { url: `https://host.example/${content}`, size: 6, content, fetchedAt: 0 }
    const tools = { store: store.asStore, net: { clock: systemClock } as Net }
    return await stagedFile(tools, info, verifier, given)
  }

  test('is given when it is proven, and written when the others are', async () => {
    const store = new MemoryStore(hasher)
    const given = vi.fn<(bytes: Uint8Array) => void>()
    const one = (await staged(store, 'one', given))!
    const other = (await staged(store, 'other'))!
    await one.write(0, bytes)
    expect(await one.read({ start: 2, end: 4 })).toEqual(bytes.slice(2, 4))
    const end = one.finish('xet')
    expect(given).toHaveBeenCalledExactlyOnceWith(bytes)
    await sleep(100)
    expect(store.files.size).toBe(0)
    await other.close()
    await end
    await one.close()
    expect(store.files.get('one')).toMatchObject({ proof: 'xet', bytes, committed: [run] })
  })

  test('is written before the device is asked about it', async () => {
    const store = new MemoryStore(hasher)
    let asked: Promise<void> | undefined
    const ask = (): void => {
      asked = writeStaged()
    }
    const one = (await staged(store, 'one', ask))!
    const other = (await staged(store, 'other'))!
    await one.write(0, bytes)
    const end = one.finish('xet')
    await asked
    expect(store.files.get('one')).toMatchObject({ proof: 'xet', bytes })
    await end
    await one.close()
    await other.close()
  })

  test('is not written over what another realm writes meanwhile', async () => {
    const store = new MemoryStore(hasher)
    const one = (await staged(store, 'one'))!
    await one.write(0, bytes)
    await (await store.begin('one', bytes.length)).close()
    await one.finish('xet')
    await one.close()
    expect(store.files.get('one')?.proof).toBeUndefined()
  })

  test('is written as it comes where a part of it is on the device, or too much is in memory', async () => {
    const store = new MemoryStore(hasher)
    await (await store.begin('one', bytes.length)).close()
    expect(await staged(store, 'one')).toBeUndefined()
    const many = await Promise.all(
      Array.from({ length: 17 }, (_, index) => {
        const info = {
          url: 'https://host.example/x',
          size: 2 ** 21,
          content: `${index}`,
          fetchedAt: 0,
        }
        const tools = { store: store.asStore, net: { clock: systemClock } as Net }
        return stagedFile(tools, info, verifier, () => undefined)
      }),
    )
    expect(many.filter((file) => file === undefined)).toHaveLength(1)
    for (const file of many) await file?.close()
    expect(await staged(store, 'two')).toBeDefined()
  })
})
