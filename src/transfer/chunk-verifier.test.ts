import { runLength, type JournalRun } from '../store/runs.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChunkRow } from '../codec/chunk-record.ts'
import { ByteSet } from '../core/bytes.ts'
import { createHasher } from '../codec/hasher.ts'
import { fileHash, xorbHash } from '../codec/xet-hash.ts'
import { type ByteRange, overlaps } from '../core/bytes.ts'
import type { Run } from '../reconstruction/record-store.ts'
import { rangeOf } from '../store/index.ts'
import { ChunkVerifier } from './chunk-verifier.ts'
import { xorbExtent } from './reconstruction-check.ts'

describe('ChunkVerifier', async () => {
  const hasher = await createHasher()
  const recordHeader = 8

  interface Xorb {
    readonly hash: string
    readonly rows: readonly ChunkRow[]
    /** Whether the file uses all of it, and whether its size is known. */
    readonly whole: boolean
    readonly total: number | undefined
  }

  interface Piece {
    readonly xorb: Xorb
    readonly run: JournalRun
  }

  /** A file of parts of xorbs, and its pieces. */
  interface Model {
    readonly xorbs: readonly Xorb[]
    readonly runs: readonly Run[]
    readonly rows: readonly ChunkRow[]
    readonly pieces: readonly Piece[]
    readonly size: number
  }

  const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 7 })
  const terms = fc.array(
    fc.record({
      lengths,
      /** Number of chunks at either end that the file does not use. */
      skip: fc.tuple(fc.constantFrom(0, 0, 1), fc.constantFrom(0, 0, 1)),
      /** Where runs are split into pieces, and whether the pieces share the chunk at the split. */
      cut: fc.nat(6),
      shared: fc.boolean(),
      footer: fc.boolean(),
      totalKnown: fc.boolean(),
      again: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )

  const models: fc.Arbitrary<Model> = terms.map((list) => {
    const model = { xorbs: [] as Xorb[], runs: [] as Run[], pieces: [] as Piece[], size: 0 }
    const fileRows: ChunkRow[] = []
    for (const [index, term] of list.entries()) {
      const rows = term.lengths.map((length, at) => ({
        length,
        hash: hasher.chunk(new TextEncoder().encode(`${index} ${at} ${length}`)),
      }))
      const start = Math.min(term.skip[0], rows.length - 1)
      const end = Math.max(start + 1, rows.length - term.skip[1])
      const stored = rows.reduce((sum, { length }) => sum + length + recordHeader, 0)
      const total = stored + (term.footer ? 96 + 40 * rows.length : 0)
      const xorb: Xorb = {
        hash: xorbHash(rows, hasher),
        rows,
        whole: start === 0 && end === rows.length,
        total: term.totalKnown ? total : undefined,
      }
      model.xorbs.push(xorb)
      for (let times = term.again ? 2 : 1; times > 0; times -= 1) {
        const used = rows.slice(start, end)
        const offset = model.size
        const length = runLength({ rows: used })
        model.runs.push({ xorb: xorb.hash, chunks: { start, end }, offset, length })
        const cut = Math.min(end, Math.max(start + 1, term.cut))
        const parts = [
          { start, end: cut },
          { start: term.shared ? cut - 1 : cut, end },
        ].filter((part) => part.start < part.end)
        for (const part of parts)
          model.pieces.push({
            xorb,
            run: {
              xorb: xorb.hash,
              chunk: part.start,
              offset: offset + runLength({ rows: rows.slice(start, part.start) }),
              rows: rows.slice(part.start, part.end),
            },
          })
        fileRows.push(...used)
        model.size += length
      }
    }
    return { ...model, rows: fileRows }
  })

  function ledgerOf({ size, runs, xorbs }: Model): ChunkVerifier {
    const verifier = new ChunkVerifier(size, hasher)
    verifier.expect(runs)
    for (const { xorb: hash, chunks } of runs) {
      const xorb = xorbs.find((one) => one.hash === hash)!
      const byte = (chunk: number): number =>
        runLength({ rows: xorb.rows.slice(0, chunk) }) + chunk * 8
      const bytes = { start: byte(chunks.start), end: byte(chunks.end) }
      verifier.locate({ xorb: hash, chunks, bytes }, xorb.total)
    }
    verifier.mapped = true
    return verifier
  }

  function placesOf(model: Model, { hash }: Xorb): ByteRange[] {
    return model.runs
      .filter((run) => run.xorb === hash)
      .map(({ offset, length }) => ({ start: offset, end: offset + length }))
  }

  function released(verifier: ChunkVerifier, ranges: readonly ByteRange[]): boolean {
    return verifier.accepted.ranges.some((out) => ranges.some((range) => overlaps(out, range)))
  }

  const shuffled = models.chain((model) =>
    fc
      .shuffledSubarray([...model.pieces], { minLength: model.pieces.length })
      .map((pieces) => ({ model, pieces })),
  )

  test('no byte of a completely used xorb is accepted before its hash matches, in any order', () => {
    fc.assert(
      fc.property(shuffled, fc.nat(), ({ model, pieces }, mappedAt) => {
        const verifier = ledgerOf(model)
        verifier.mapped = false
        const seen = new Map<string, Set<number>>()
        for (const [index, { xorb, run }] of pieces.entries()) {
          verifier.mapped ||= index >= mappedAt % pieces.length
          verifier.add(run)
          const chunks = seen.get(xorb.hash) ?? new Set()
          seen.set(xorb.hash, chunks)
          for (const at of run.rows.keys()) chunks.add(run.chunk + at)
          const verdict = verifier.judge(xorb.hash)
          if (!xorb.whole) continue
          const all = chunks.size === xorb.rows.length
          expect(verdict).toBe(all ? 'proven' : 'incomplete')
          if (verdict === 'incomplete')
            expect(released(verifier, placesOf(model, xorb))).toBe(false)
        }
        expect(verifier.fileHash()).toBe(fileHash(model.rows, hasher))
      }),
    )
  })

  test('bytes of a partly used xorb are accepted as soon as it is known to be partly used', () => {
    fc.assert(
      fc.property(shuffled, ({ model, pieces }) => {
        const verifier = ledgerOf(model)
        for (const { xorb, run } of pieces) {
          verifier.add(run)
          const verdict = verifier.judge(xorb.hash)
          if (xorb.whole) continue
          // Unused at the start, or unused at the end with a known size.
          const known = placesOf(model, xorb).length > 0 && xorb.total !== undefined
          if (known) expect(verdict).toBe('undecided')
          if (known) expect(verifier.accepted.covers(rangeOf(run))).toBe(true)
        }
      }),
    )
  })

  test('and are not released before the hash of the file, where only proven bytes are', () => {
    fc.assert(
      fc.property(shuffled, ({ model, pieces }) => {
        const verifier = ledgerOf(model)
        verifier.provenOnly = true
        for (const { xorb, run } of pieces) {
          verifier.add(run)
          verifier.judge(xorb.hash)
        }
        for (const range of verifier.releasable) expect(verifier.proven.covers(range)).toBe(true)
        verifier.acceptAll()
        const last = { start: verifier.lastRunStart ?? 0, end: Infinity }
        const given = new ByteSet([...verifier.releasable, last])
        expect(verifier.held.ranges.every((range) => given.covers(range))).toBe(true)
      }),
    )
  })

  test('damage is detected, releases nothing, and is repaired by the right rows', () => {
    fc.assert(
      fc.property(shuffled, fc.nat(), fc.nat(), ({ model, pieces }, which, at) => {
        const verifier = ledgerOf(model)
        const bad = pieces[which % pieces.length]!
        const row = at % bad.run.rows.length
        const rows = bad.run.rows.map((one, index) =>
          index === row ? { ...one, hash: hasher.chunk(one.hash) } : one,
        )
        const { xorb } = bad
        let proven = false
        let verdict = verifier.judge(xorb.hash)
        for (const piece of pieces) {
          verifier.add(piece === bad ? { ...piece.run, rows } : piece.run)
          proven ||= verdict === 'proven'
          if (piece.xorb === xorb) verdict = verifier.judge(xorb.hash)
        }
        expect(verifier.fileHash()).not.toBe(fileHash(model.rows, hasher))
        if (!xorb.whole) return
        if (xorb.total !== undefined) expect(verdict).toBe('damaged')
        expect(verdict).not.toBe('proven')
        const lies = { start: bad.run.offset, end: bad.run.offset + runLength({ rows }) }
        // Another piece with the same correct chunk may be released already.
        const copies = pieces.filter((p) => p !== bad && overlaps(rangeOf(p.run), lies))
        if (copies.length === 0) expect(released(verifier, [lies])).toBe(false)
        const dropped = verifier.drop((run) => run.xorb === xorb.hash && !verifier.agrees(run))
        expect(dropped.length).toBeGreaterThan(0)
        expect(dropped.every((run) => !verifier.held.covers(rangeOf(run)))).toBe(true)
        for (const piece of pieces)
          if (dropped.some((run) => overlaps(rangeOf(run), rangeOf(piece.run))))
            verifier.add(piece.run)
        expect(verifier.judge(xorb.hash)).toBe('proven')
        expect(verifier.fileHash()).toBe(fileHash(model.rows, hasher))
      }),
    )
  })

  describe('one xorb of three chunks', () => {
    const rows = [1, 2, 3].map((length) => ({ length, hash: hasher.chunk(new Uint8Array(length)) }))
    const xorb = xorbHash(rows, hasher)
    const whole: Run = { xorb, chunks: { start: 0, end: 3 }, offset: 0, length: 6 }
    const bytes = { start: 0, end: 30 }

    function verifier(total?: number): ChunkVerifier {
      const made = new ChunkVerifier(6, hasher)
      made.expect([whole])
      made.locate({ xorb, chunks: whole.chunks, bytes }, total)
      made.mapped = true
      return made
    }

    test('does not count as partly used before its end has arrived', () => {
      const made = verifier(30)
      made.add({ xorb, chunk: 0, offset: 0, rows: rows.slice(0, 2) })
      made.locate({ xorb, chunks: { start: 0, end: 2 }, bytes: { start: 0, end: 19 } }, 30)
      expect(made.judge(xorb)).toBe('incomplete')
      expect(made.accepted.size).toBe(0)
    })

    test('is partly used when a signed range contains more than the file uses', () => {
      const larger = 'f'.repeat(64)
      const made = verifier(40)
      made.expect([{ ...whole, xorb: larger }])
      made.locate({ xorb: larger, chunks: { start: 0, end: 4 }, bytes: { start: 0, end: 40 } }, 40)
      made.add({ xorb: larger, chunk: 0, offset: 0, rows })
      expect(made.judge(larger)).toBe('undecided')
      expect(made.accepted.size).toBe(6)
    })

    test('followed by as many bytes as a footer is fetched twice, and then decided by the hash of the file', () => {
      const made = verifier(30 + 96 + 120)
      const other = { xorb, chunk: 0, offset: 0, rows: rows.toReversed() }
      for (const verdict of ['damaged', 'undecided']) {
        made.add(other)
        expect(made.judge(xorb)).toBe(verdict)
        expect(made.accepted.size).toBe(0)
        made.drop((run) => run === other)
      }
      made.add({ xorb, chunk: 0, offset: 0, rows })
      expect(made.judge(xorb)).toBe('proven')
    })

    test('with wrong rows and an unknown size is kept', () => {
      const made = verifier()
      made.add({ xorb, chunk: 0, offset: 0, rows: rows.toReversed() })
      expect(made.judge(xorb)).toBe('undecided')
      expect(made.accepted.size).toBe(0)
    })

    test('is proven, and the file with it, when the device has lost chunks of it that were known', () => {
      const made = verifier(30)
      const hash = fileHash(rows, hasher)
      made.add({ xorb, chunk: 0, offset: 0, rows: rows.slice(0, 2) })
      made.lose([])
      expect(made.lost).toEqual([{ start: 0, end: 3 }])
      made.settle(hash)
      expect(made.needed(4)).toEqual([{ start: 3, end: 6 }])
      made.add({ xorb, chunk: 2, offset: 3, rows: rows.slice(2) })
      expect(made.judge(xorb)).toBe('proven')
      expect(made.needed(0)).toEqual([])
      made.settle('another hash')
      expect(made.releasable).toEqual([])
      made.settle(hash)
      // Only what is still here.
      expect(made.releasable).toEqual([{ start: 3, end: 6 }])

      made.add({ xorb, chunk: 0, offset: 0, rows: rows.slice(0, 2) })
      expect(made.lost).toEqual([])
      expect(made.changed).toEqual([])
      expect(made.releasable).toEqual([{ start: 0, end: 6 }])
    })

    test('that was lost under a wrong plan is recalled, and does not count for the hash of the file', () => {
      const made = verifier(30)
      made.add({ xorb, chunk: 0, offset: 0, rows })
      made.lose([])
      const right = rows.toReversed()
      const hash = xorbHash(right, hasher)
      const fresh = { fetchedAt: 0, deadline: null, skew: 0, generation: 1 }
      const run = { xorb: hash, chunks: { start: 0, end: 3 }, offset: 0, length: 6 }
      made.replaceReconstructions([
        { range: { start: 0, end: 6 }, runs: [run], descriptors: [], ...fresh },
      ])
      expect(made.changed).toEqual([{ start: 0, end: 6 }])
      expect(made.needed(0)).toEqual([{ start: 0, end: 6 }])
      made.add({ xorb: hash, chunk: 0, offset: 0, rows: right })
      expect(made.fileHash()).toBe(fileHash(right, hasher))
    })

    test('has no file hash while rows are missing', () => {
      const made = verifier(30)
      expect(made.fileHash()).toBeUndefined()
      made.add({ xorb, chunk: 1, offset: 1, rows: rows.slice(1) })
      expect(made.fileHash()).toBeUndefined()
    })
  })

  test('a file without hashes releases all its bytes', () => {
    const verifier = new ChunkVerifier(10, hasher)
    verifier.add({ xorb: '', chunk: 0, offset: 4, rows: [{ length: 3, hash: new Uint8Array(32) }] })
    expect(verifier.accepted.ranges).toEqual([])
    verifier.acceptAll()
    expect(verifier.accepted.ranges).toEqual([{ start: 4, end: 7 }])
  })
})

describe('xorbExtent: how much of a xorb a file uses', () => {
  test.each([
    ['all of it', 0, 3, 100, 100, 'whole'],
    ['all of it, with a footer', 0, 3, 100, 100 + 96 + 120, 'likely'],
    ['not its beginning', 1, 3, 100, 100, 'part'],
    ['not its end', 0, 3, 100, 130, 'part'],
    ['a footer for another number of chunks', 0, 3, 100, 100 + 96 + 160, 'part'],
    ['its beginning, with an unknown size', 0, 3, 100, undefined, 'unknown'],
    ['not its beginning, with an unknown size', 2, 3, 100, undefined, 'part'],
  ] as const)('%s', (_, start, end, bytes, total, expected) => {
    expect(xorbExtent({ start, end }, bytes, total)).toBe(expected)
  })
})
