import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeJournal } from './journal.ts'
import { encodeJournal } from './journal.ts'
import type { JournalEntry } from './journal.ts'

const place = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Uint8Array.from(bytes))
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
  test('gives back what was put into it', () => {
    fc.assert(
      fc.property(journal, (entries) => {
        const bytes = encodeJournal(entries)
        expect(decodeJournal(bytes)).toEqual({ entries, length: bytes.length })
      }),
    )
  })

  test('that is cut anywhere gives the whole records before the cut', () => {
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

  test('of any bytes at all is read without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decodeJournal(Uint8Array.from(bytes)).entries).toEqual([])
      }),
    )
  })

  test('takes no xorb that has no proper name', () => {
    const wrong = { xorb: 'AB', chunk: 0, offset: 0, rows: [], parts: [] }
    expect(() => encodeJournal([{ kind: 'run', run: wrong }])).toThrow(/64 lower-case hex/)
  })
})
