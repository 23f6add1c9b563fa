import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import type { ChunkRow } from '../codec/chunk.ts'
import { fileHash } from '../codec/xet-hash.ts'
import { xorbHash } from '../codec/xet-hash.ts'
import type { ByteRange } from '../core/byte-range.ts'
import { defaultRetry } from '../net/net.ts'
import { netOf } from '../net/testing/netOf.ts'
import type { FileInfo } from '../protocol/files.ts'
import type { Block } from '../reconstruction/types.ts'
import type { Reconstructions } from '../reconstruction/reconstructions.ts'
import type { Run } from '../reconstruction/types.ts'
import { overlaps } from '../core/byte-range.ts'
import { rangeOf } from './proof.ts'
import { MemoryStore } from './testing/MemoryStore.ts'
import { Transfer } from './transfer.ts'

const hasher = await createHasher()

interface Chunk extends ChunkRow {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Its record in the stored object. */
  readonly stored: ByteRange
}

/** A storage that holds xorbs, and a file made of some of their chunks. */
interface World {
  readonly xorbs: ReadonlyMap<string, { readonly chunks: readonly Chunk[]; readonly body: Buffer }>
  readonly runs: readonly Run[]
  readonly bytes: Buffer
  readonly rows: readonly ChunkRow[]
}

/** @param sizes of the chunks of each xorb */
function worldOf(sizes: readonly (readonly number[])[], picks: readonly Pick[]): World {
  const xorbs: Map<string, { chunks: Chunk[]; body: Buffer }> = new Map()
  for (const [nth, lengths] of sizes.entries()) {
    let at = 0
    const chunks = lengths.map((length, index) => {
      const bytes = new Uint8Array(length).map(
        (_, each) => (each * 7 + index * 31 + nth * 101) % 256,
      )
      const stored = { start: at, end: at + 8 + length }
      at = stored.end
      return { bytes, length, hash: hasher.chunk(bytes), stored }
    })
    const body = Buffer.concat(
      chunks.flatMap(({ bytes, length }) => {
        const header = Buffer.alloc(8)
        header.writeUIntLE(length, 1, 3)
        header.writeUIntLE(length, 5, 3)
        return [header, bytes]
      }),
    )
    xorbs.set(xorbHash(chunks, hasher), { chunks, body })
  }
  const names = [...xorbs.keys()]
  const terms = picks.map(([which, from, count]) => {
    const xorb = names[which % names.length]!
    const { length } = xorbs.get(xorb)!.chunks
    const start = from % length
    return { xorb, chunks: { start, end: Math.min(length, start + count) } }
  })
  const runs: Run[] = []
  const rows: Chunk[] = []
  let offset = 0
  for (const { xorb, chunks } of terms) {
    const used = xorbs.get(xorb)!.chunks.slice(chunks.start, chunks.end)
    const length = used.reduce((sum, chunk) => sum + chunk.length, 0)
    runs.push({ xorb, chunks, offset, length })
    rows.push(...used)
    offset += length
  }
  return { xorbs, runs, rows, bytes: Buffer.concat(rows.map(({ bytes }) => bytes)) }
}

/** Which xorb, the first chunk, how many. */
type Pick = readonly [xorb: number, from: number, count: number]

/** What a CAS tells of a stretch: runs cut at chunks, one range for each set of chunks. */
function blockOf({ runs, xorbs }: World, range: ByteRange): Block {
  const cut = runs.flatMap((run): Run[] => {
    const { chunks } = xorbs.get(run.xorb)!
    const inside: { index: number; offset: number; length: number }[] = []
    let offset = run.offset
    for (let index = run.chunks.start; index < run.chunks.end; index += 1) {
      const { length } = chunks[index]!
      if (overlaps({ start: offset, end: offset + length }, range))
        inside.push({ index, offset, length })
      offset += length
    }
    const [first, last] = [inside[0], inside.at(-1)]
    if (first === undefined || last === undefined) return []
    const length = last.offset + last.length - first.offset
    const part = { start: first.index, end: last.index + 1 }
    return [{ xorb: run.xorb, chunks: part, offset: first.offset, length }]
  })
  const descriptors = new Map(
    cut.map(({ xorb, chunks }) => {
      const list = xorbs.get(xorb)!.chunks
      const bytes = {
        start: list[chunks.start]!.stored.start,
        end: list[chunks.end - 1]!.stored.end,
      }
      const url = `https://storage.example/${xorb}`
      return [`${xorb} ${chunks.start} ${chunks.end}`, { xorb, chunks, bytes, url }]
    }),
  )
  return {
    range,
    runs: cut,
    descriptors: [...descriptors.values()],
    fetchedAt: 0,
    deadline: null,
    skew: 0,
    generation: 1,
  }
}

interface Carried {
  readonly store: MemoryStore
  /** Ranges that were answered, by xorb. */
  readonly asked: readonly string[]
}

/**
 * @param held how many chunks of which run are here before
 * @param failing requests by number that storage answers with 500
 */
async function carry(
  world: World,
  held: ReadonlyMap<number, number>,
  failing: ReadonlySet<number>,
): Promise<Carried> {
  const asked: string[] = []
  let requests = 0
  const net = netOf({
    retry: { ...defaultRetry, attempts: 5, delayMs: 1, maxDelayMs: 1 },
    fetch: async (url, init) => {
      requests += 1
      const nth = requests
      // Slow enough for the others to come along.
      await new Promise((resolve) => setTimeout(resolve, nth % 3))
      if (failing.has(nth)) return new Response(null, { status: 500 })
      const [, start = '', last = ''] = /(\d+)-(\d+)/.exec(
        new Headers(init?.headers).get('range')!,
      )!
      const { pathname } = new URL(url)
      asked.push(`${pathname} ${start}-${last}`)
      const { body } = world.xorbs.get(pathname.slice(1))!
      const part = new Uint8Array(body.subarray(Number(start), Number(last) + 1))
      const range = `bytes ${start}-${last}/${body.length}`
      return new Response(part, { status: 206, headers: { 'content-range': range } })
    },
  })
  const xetHash = fileHash(world.rows, hasher)
  const url = 'https://hub.example/x'
  const info = { url, content: 'x', size: world.bytes.length, xetHash, fetchedAt: 0 }
  const store = new MemoryStore(hasher)
  const file = await store.begin('x', info.size)
  for (const [index, run] of world.runs.entries()) {
    const { start, end } = run.chunks
    const until = Math.min(end, start + (held.get(index) ?? 0))
    if (until === start) continue
    const rows = world.xorbs.get(run.xorb)!.chunks.slice(start, until)
    const known = { xorb: run.xorb, chunk: start, offset: run.offset, rows }
    const { start: from, end: to } = rangeOf(known)
    await file.write(from, new Uint8Array(world.bytes.subarray(from, to)))
    await file.commit(known)
  }
  await file.close()
  const reconstructions = {
    block: async (_: FileInfo, range: ByteRange) => blockOf(world, range),
    renew: async (_: FileInfo, { range }: Block) => blockOf(world, range),
    forget: async () => undefined,
  } as unknown as Reconstructions
  const tools = {
    net,
    hasher,
    store: store.asStore,
    reconstructions,
    connections: 4,
    online: async () => undefined,
  }
  const transfer = new Transfer(tools, info, { wanted: () => [], report: () => undefined })
  await transfer.run(new AbortController().signal)
  return { store, asked }
}

const picks = fc.array(fc.tuple(fc.nat(2), fc.nat(5), fc.integer({ min: 1, max: 4 })), {
  minLength: 1,
  maxLength: 14,
})
const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 3,
})

test('a file of any terms arrives whole, with what was here and with storage that fails, and no range comes twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      picks,
      fc.array(fc.tuple(fc.nat(13), fc.integer({ min: 1, max: 4 })), { maxLength: 6 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
      async (lengths, chosen, held, failing) => {
        const world = worldOf(lengths, chosen)
        const { store, asked } = await carry(world, new Map(held), new Set(failing))
        const file = store.files.get('x')!
        expect(file.proof).toBe('xet')
        expect(Buffer.compare(file.bytes, world.bytes)).toBe(0)
        expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted())
      },
    ),
    { numRuns: 150 },
  )
})

test.each([
  ['once', []],
  ['once, when storage fails in between', [1, 2, 3]],
])('a chunk that two parts of a file use is fetched %s', async (_, failing) => {
  const world = worldOf(
    [[50, 40, 30, 20, 10], [9]],
    [
      [0, 0, 2],
      [1, 0, 1],
      [0, 0, 5],
      [1, 0, 1],
    ],
  )
  // The longest run is here in part: what lies before and after is asked for apart.
  const { asked } = await carry(world, new Map([[2, 2]]), new Set(failing))
  const short = world.runs[1]!.xorb
  expect(asked.filter((each) => each.includes(short))).toHaveLength(1)
})
