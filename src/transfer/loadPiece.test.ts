import { expect, test } from 'vitest'
import { createHasher } from '../codec/createHasher.ts'
import { ByteSet } from '../core/ByteSet.ts'
import { FerryError } from '../core/FerryError.ts'
import { netOf } from '../net/testing/netOf.ts'
import type { Block } from '../reconstruction/Block.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import type { BlockSource } from './BlockSource.ts'
import { loadPiece } from './loadPiece.ts'
import type { Span } from './Span.ts'

const xorb = 'a'.repeat(64)
const range = { start: 0, end: 100 }
const run = { xorb, chunks: { start: 0, end: 1 }, offset: 0, length: 100 }
const descriptor = { xorb, chunks: run.chunks, bytes: { start: 0, end: 50 } }

function block(generation: number): Block {
  const url = `https://storage.example/${generation}`
  const descriptors = [{ ...descriptor, url }]
  return { range, runs: [run], descriptors, fetchedAt: 0, deadline: 1000, skew: 0, generation }
}

test('an opaque failure of old URLs waits for nothing when others have renewed them', async () => {
  const span: Span = { range, first: false, good: 1, block: block(1) }
  const asked: string[] = []
  const end = new AbortController()
  let stale = false
  const fetch = async (url: string): Promise<Response> => {
    asked.push(url.split('#', 1)[0] ?? '')
    if (asked.length > 1) end.abort(new FerryError('aborted', 'Seen enough.'))
    // While it is under way its URLs expire, and another piece renews them.
    stale = true
    span.block = block(2)
    throw new TypeError('Failed to fetch')
  }
  const waits: number[] = []
  const blocks: BlockSource = {
    splits: true,
    expires: true,
    open: async () => block(2),
    renew: async () => block(2),
    usable: ({ generation }) => generation > 1 || !stale,
    narrow: () => undefined,
    headers: () => ({}),
    check: () => undefined,
    decoder: () => ({ push: () => [], finish: () => [] }),
  }
  const loading = loadPiece(
    { span, descriptor: block(1).descriptors[0]!, runs: [run] },
    {
      tools: {
        net: netOf({ fetch, random: () => 1 }),
        hasher: await createHasher(),
        online: async () => undefined,
      },
      blocks,
      ask: {},
      signal: end.signal,
      file: {} as PartialFile,
      held: new ByteSet(),
      located: () => undefined,
      committed: () => undefined,
      arrived: () => undefined,
      waiting: (until) => waits.push(until),
    },
  )
  await expect(loading).rejects.toMatchObject({ code: 'aborted' })
  expect(asked).toEqual(['https://storage.example/1', 'https://storage.example/2'])
  expect(waits).toEqual([])
})
