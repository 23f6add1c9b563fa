import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isFull, isLoss, type Folder } from './folder.ts'
import { SyncWriter } from './sync-writer.ts'
import { type RecentWrite, RecentWrites } from './writer.ts'

const MiB = 2 ** 20

function offsetsOf(writes: RecentWrites): number[] {
  return writes.lend().map(({ range }) => range.start)
}

test('the newest 32 MiB stay, in the order in which they were written', () => {
  const writes = new RecentWrites()
  for (let at = 39; at >= 0; at -= 1) writes.add(at * MiB, new Uint8Array(MiB))
  const expected = Array.from({ length: 32 }, (_, index) => (31 - index) * MiB)
  expect(offsetsOf(writes)).toEqual(expected)
  writes.close()
})

test('files that are written at the same time share the memory', () => {
  const [one, other] = [new RecentWrites(), new RecentWrites()]
  for (let at = 0; at < 32; at += 1) one.add(at * MiB, new Uint8Array(MiB))
  expect(offsetsOf(one)).toHaveLength(16)
  other.close()
  other.close()
  for (let at = 32; at < 64; at += 1) one.add(at * MiB, new Uint8Array(MiB))
  expect(offsetsOf(one)).toHaveLength(32)
  one.close()
})

test('the caller may reuse its buffer, and lent bytes do not change when their memory would be used again', () => {
  const size = fc.integer({ min: 1, max: 3 * MiB })
  const step = fc.record({ size, act: fc.constantFrom('add', 'add', 'add', 'lend', 'drop') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const writes = new RecentWrites()
      const lent: RecentWrite[] = []
      const buffer = new Uint8Array(3 * MiB)
      let at = 0
      for (const { size: length, act } of steps) {
        if (act === 'lend') lent.push(...writes.lend())
        else if (act === 'drop') writes.drop({ start: at - 1, end: at })
        else {
          writes.add(at, buffer.subarray(0, length).fill(at % 251))
          at += length
        }
      }
      lent.push(...writes.lend())
      writes.close()
      for (const { range, bytes } of lent) {
        expect(bytes).toHaveLength(range.end - range.start)
        expect([bytes[0], bytes.at(-1)]).toEqual([range.start % 251, range.start % 251])
      }
    }),
    { numRuns: 30 },
  )
})

test('bytes that turned out wrong are forgotten', () => {
  const writes = new RecentWrites()
  for (const at of [0, 10, 20]) writes.add(at, new Uint8Array(10))
  writes.drop({ start: 12, end: 13 })
  expect(offsetsOf(writes)).toEqual([0, 20])
  writes.close()
})

test.each([
  // The numbers of Chromium 156, which gives the error -8 as an unsigned integer.
  ['a count of bytes', { write: () => 2 ** 32 - 8 }],
  ['a size', { getSize: () => 2 ** 64 - 8 }],
])(
  'a journal that is deleted while it is open, reported as %s, is a loss; one that may not grow is not',
  async (_, state) => {
    let deleted = false
    const here = {
      getSize: () => 0,
      truncate: () => undefined,
      // As Web IDL requires of an unsigned long long with EnforceRange.
      write: ({ length }: Uint8Array, { at }: { at: number }) => {
        if (at > Number.MAX_SAFE_INTEGER) throw new TypeError('Value is outside the range.')
        return length
      },
      close: () => undefined,
    }
    for (const remains of [false, true]) {
      deleted = false
      const folder = {
        handle: async () => ({}),
        open: async () => (deleted ? { ...here, ...state } : here),
        blob: async () => {
          if (!remains) throw new DOMException('not found', 'NotFoundError')
          return new Blob()
        },
      } as unknown as Folder
      const writer = await SyncWriter.open(folder, 1, 0, async () => undefined)
      deleted = true
      const entry = { kind: 'drop', offset: 0, length: 1 } as const
      const thrown: unknown = await writer.append(entry).catch((error: unknown) => error)
      expect([isLoss(thrown), isFull(thrown)], String(thrown)).toEqual([!remains, remains])
    }
  },
)
