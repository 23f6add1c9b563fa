import type { ChunkRow } from '../codec/ChunkRow.ts'
import type { Hasher } from '../codec/Hasher.ts'
import { fileHash } from '../codec/fileHash.ts'
import { xorbHash } from '../codec/xorbHash.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import { ByteSet } from '../core/ByteSet.ts'
import type { Run } from '../reconstruction/Run.ts'
import type { JournalRun } from '../store/JournalRun.ts'
import { runLength } from './runLength.ts'
import { xorbExtent } from './xorbExtent.ts'

/** What is known of one xorb that the file uses. */
interface XorbState {
  /** Chunks of it that the file uses, as far as reconstructions told. */
  readonly used: ByteSet
  /** Where its last chunk seen ends in the stored object, and how large that object is. */
  tail: ByteRange
  total: number | undefined
}

/** Result of {@link Ledger.judge}: what the rows at hand say about a xorb. */
export type XorbVerdict = 'incomplete' | 'proven' | 'damaged' | 'undecided'

/**
 * What is here of one file, and what of it is proven: the rows (hash and length of every chunk committed),
 * the stretches they cover, and the stretches that may be given away.
 *
 * Sources: Xet protocol, sections on hashing and on verifying a download.
 */
export class Ledger {
  readonly size: number
  readonly held: ByteSet = new ByteSet()
  /** May leave: proven by a xorb hash, or decoded from a xorb that the file uses only in part. */
  readonly releasable: ByteSet = new ByteSet()
  /** Whether every block of the file has been seen: before, a xorb may be used by more than it seems. */
  mapped = false
  /** Where the last run known begins. */
  lastRunStart: number | undefined
  readonly #hasher: Hasher
  readonly #xorbs = new Map<string, XorbState>()
  readonly #proven = new Set<string>()
  #runs: JournalRun[] = []

  constructor(size: number, hasher: Hasher) {
    this.size = size
    this.#hasher = hasher
  }

  get runs(): readonly JournalRun[] {
    return this.#runs
  }

  /** Tells which chunks of a xorb the file uses; has to be called before its verdict is asked for. */
  expect(runs: readonly Run[]): void {
    for (const { xorb, chunks, offset } of runs) {
      this.#state(xorb).used.add(chunks)
      this.lastRunStart = Math.max(this.lastRunStart ?? 0, offset)
    }
  }

  /** For files that have no hashes on the way: everything that is here may leave. */
  releaseAll(): void {
    for (const run of this.#runs) this.#release(run)
  }

  /** Tells how large the stored object is, and where in it the chunks up to `bytes.end` lie. */
  locate(xorb: string, bytes: ByteRange, total: number | undefined): void {
    const state = this.#state(xorb)
    if (bytes.end > state.tail.end) state.tail = bytes
    state.total ??= total
  }

  /** Takes a committed run into account. */
  add(run: JournalRun): void {
    this.#runs.push(run)
    this.held.add({ start: run.offset, end: run.offset + runLength(run.rows) })
    if (this.#proven.has(run.xorb)) this.#release(run)
  }

  /** Forgets the runs of a xorb, or all that are not proven, after they turned out to be damaged. */
  drop(isBad: (run: JournalRun) => boolean): readonly JournalRun[] {
    const bad = this.#runs.filter(isBad)
    this.#runs = this.#runs.filter((run) => !isBad(run))
    for (const run of bad) {
      const range = { start: run.offset, end: run.offset + runLength(run.rows) }
      this.held.delete(range)
      this.releasable.delete(range)
    }
    // Stretches of neighbouring blocks overlap by a chunk: what is still here from the other side stays.
    for (const run of this.#runs) {
      const end = run.offset + runLength(run.rows)
      this.held.add({ start: run.offset, end })
    }
    return bad
  }

  isProven(xorb: string): boolean {
    return this.#proven.has(xorb)
  }

  /**
   * Compares a xorb's chunks with its name. Its bytes become releasable when they match, and also when the
   * file can only use a part of it, so that no later comparison is possible.
   */
  judge(xorb: string): XorbVerdict {
    const state = this.#state(xorb)
    if (this.#proven.has(xorb)) return 'proven'
    if (!this.mapped) return 'incomplete'
    const rows = this.#rowsOf(xorb)
    const used = state.used.ranges
    const first = used[0]?.start ?? 0
    const end = used.at(-1)?.end ?? 0
    const runs = this.#runs.filter((run) => run.xorb === xorb)
    const extent = used.length > 1 ? 'part' : xorbExtent(first, end, state.tail, state.total)
    if (extent === 'part') {
      for (const run of runs) this.#release(run)
      return 'undecided'
    }
    for (let chunk = first; chunk < end; chunk += 1) if (!rows.has(chunk)) return 'incomplete'
    const list = Array.from({ length: end }, (_, chunk) => rows.get(chunk) as ChunkRow)
    if (xorbHash(list, this.#hasher) !== xorb) return extent === 'whole' ? 'damaged' : 'undecided'
    this.#proven.add(xorb)
    for (const run of runs) this.#release(run)
    return 'proven'
  }

  /**
   * Hash over all rows in file order.
   *
   * @returns undefined while rows are missing or contradict each other
   */
  fileHash(): string | undefined {
    const rows: ChunkRow[] = []
    let at = 0
    for (const run of this.#runs.toSorted((a, b) => a.offset - b.offset)) {
      let offset = run.offset
      for (const row of run.rows) {
        if (offset > at) return undefined
        if (offset === at) {
          rows.push(row)
          at += row.length
        }
        offset += row.length
      }
    }
    return at === this.size ? fileHash(rows, this.#hasher) : undefined
  }

  #rowsOf(xorb: string): Map<number, ChunkRow> {
    const rows = new Map<number, ChunkRow>()
    for (const run of this.#runs)
      if (run.xorb === xorb) run.rows.forEach((row, at) => rows.set(run.chunk + at, row))
    return rows
  }

  #release(run: JournalRun): void {
    this.releasable.add({ start: run.offset, end: run.offset + runLength(run.rows) })
  }

  #state(xorb: string): XorbState {
    let state = this.#xorbs.get(xorb)
    if (!state) {
      state = { used: new ByteSet(), tail: { start: 0, end: 0 }, total: undefined }
      this.#xorbs.set(xorb, state)
    }
    return state
  }
}
