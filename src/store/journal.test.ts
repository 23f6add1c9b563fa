import { expect, test, describe } from 'vitest'
import { applyJournal, type JournalEntry, decodeJournal, encodeJournal, crc32 } from './journal.ts'
import type { HeldRun } from './runs.ts'
import fc from 'fast-check'

describe('applyJournal', () => {
  function run(offset: number, length: number, name = 'data'): HeldRun {
    const rows = [{ hash: new Uint8Array(32), length }]
    return { xorb: '', chunk: 0, offset, rows, parts: [{ name, offset, at: 0, length }] }
  }

  const put = (offset: number, length: number, name?: string): JournalEntry => ({
    kind: 'run',
    run: run(offset, length, name),
  })
  const drop = (offset: number, length: number): JournalEntry => ({ kind: 'drop', offset, length })

  test.for<[string, JournalEntry[], string[]]>([
    ['runs are returned by offset', [put(20, 5), put(0, 10)], ['0 data', '20 data']],
    ['a run that has moved replaces itself', [put(0, 10, 'p'), put(0, 10)], ['0 data']],
    ['a drop removes its run', [put(0, 10), put(10, 10), drop(10, 10)], ['0 data']],
    ['a drop removes all runs that share a byte with it', [put(0, 10), put(5, 10), drop(9, 1)], []],
    ['a drop keeps adjacent runs', [put(0, 10), put(20, 10), drop(10, 10)], ['0 data', '20 data']],
    ['a dropped run may be added again', [put(0, 10), drop(0, 10), put(0, 10)], ['0 data']],
  ])('%s', ([, entries, wanted]) => {
    const held = applyJournal([], entries)
    expect(held.map(({ offset, parts }) => `${offset} ${parts[0]?.name}`)).toEqual(wanted)
  })
})

describe('decodeJournal', () => {
  const place = fc.nat({ max: Number.MAX_SAFE_INTEGER })
  const hash = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Uint8Array.from(bytes))
  const run = fc.record({
    xorb: fc.oneof(fc.constant(''), fc.stringMatching(/^[0-9a-f]{64}$/)),
    chunk: fc.nat({ max: 0xffff_ffff }),
    offset: place,
    rows: fc.array(fc.record({ hash, length: fc.nat({ max: 0xffff_ffff }) }), { maxLength: 5 }),
    parts: fc.array(
      fc.record({
        name: fc.stringMatching(/^[a-z0-9.]{1,20}$/),
        offset: place,
        at: place,
        length: place,
      }),
      { maxLength: 3 },
    ),
  })
  const entry: fc.Arbitrary<JournalEntry> = fc.oneof(
    fc.record({ kind: fc.constant('run' as const), run }),
    fc.record({ kind: fc.constant('drop' as const), offset: place, length: place }),
  )
  const journal = fc.array(entry, { minLength: 1, maxLength: 6 })

  describe('a journal', () => {
    test('decodes to its entries', () => {
      fc.assert(
        fc.property(journal, (entries) => {
          const bytes = encodeJournal(entries)
          expect(decodeJournal(bytes)).toEqual({ entries, length: bytes.length })
        }),
      )
    })

    test('that is truncated gives the complete records before the end', () => {
      fc.assert(
        fc.property(journal, fc.nat(), (entries, where) => {
          const bytes = encodeJournal(entries)
          const cut = bytes.slice(0, where % bytes.length)
          const read = decodeJournal(cut)
          expect(read.entries).toEqual(entries.slice(0, read.entries.length))
          expect(encodeJournal(read.entries)).toEqual(cut.slice(0, read.length))
          expect(read.entries.length).toBeLessThan(entries.length)
        }),
      )
    })

    test('with a flipped bit gives the records before it, and never a wrong one', () => {
      fc.assert(
        fc.property(journal, fc.nat(), fc.nat({ max: 7 }), (entries, where, bit) => {
          const bytes = encodeJournal(entries)
          const at = where % bytes.length
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
          const read = decodeJournal(bytes)
          expect(read.entries).toEqual(entries.slice(0, read.entries.length))
          expect(read.length).toBeLessThanOrEqual(at)
        }),
        { numRuns: 500 },
      )
    })

    test('of any bytes is decoded without an error', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
          expect(decodeJournal(Uint8Array.from(bytes)).entries).toEqual([])
        }),
      )
    })

    test('refuses a xorb with a malformed hash', () => {
      const wrong = { xorb: 'AB', chunk: 0, offset: 0, rows: [], parts: [] }
      expect(() => encodeJournal([{ kind: 'run', run: wrong }])).toThrow(/64 lower-case hex/)
    })
  })
})

describe('crc32', () => {
  test.for([
    ['', 0],
    ['123456789', 0xcbf43926],
    ['a', 0xe8b7be43],
  ] as const)('%j has the published checksum', ([text, sum]) => {
    expect(crc32(new TextEncoder().encode(text))).toBe(sum)
  })
})
