import { type ChunkRow, createSha256, fileHash, type Hasher, xorbHash } from '../codec/index.ts'
import { type ByteRange, ByteSet, overlaps } from '../core/index.ts'
import type { FileInfo } from '../protocol/index.ts'
import type { Descriptor, Run } from '../reconstruction/index.ts'
import { type CatalogFile, type JournalRun, type PartialFile, runLength } from '../store/index.ts'

/** The stretch of the file that a committed run covers. */
export function rangeOf(run: JournalRun): ByteRange {
  return { start: run.offset, end: run.offset + runLength(run) }
}

/** Whether two rows speak of the same bytes. */
export function sameRow(a: ChunkRow, b: ChunkRow): boolean {
  return a.length === b.length && a.hash.every((byte, at) => byte === b.hash[at])
}

const noRow: ChunkRow = { hash: new Uint8Array(), length: -1 }

/** What is known about how much of a xorb a file uses; `likely` whole, if what follows is its footer. */
export type XorbExtent = 'whole' | 'likely' | 'part' | 'unknown'

/** Bytes of the footer that a stored xorb of `chunks` chunks may carry behind its records. */
function footerLength(chunks: number): number {
  return 96 + 40 * chunks
}

/**
 * Whether the chunks that a file uses are all that the xorb holds. Only a xorb used whole can be proven by
 * its hash; one that should match and does not is damaged, one that is used in part never matches.
 *
 * @param chunks indexes of the chunks used, without gaps
 * @param end where the last of them ends in the stored object
 * @param total bytes of the stored object (`Content-Range`), undefined where it is not readable
 */
export function xorbExtent(chunks: ByteRange, end: number, total: number | undefined): XorbExtent {
  if (chunks.start > 0) return 'part'
  if (total === undefined) return 'unknown'
  if (total === end) return 'whole'
  return total - end === footerLength(chunks.end) ? 'likely' : 'part'
}

/** What is known of one xorb that the file uses. */
interface XorbState {
  /** Chunks of it that the file uses, as far as reconstructions told. */
  readonly used: ByteSet
  /** Where in the file they go. */
  readonly places: ByteSet
  /** The last chunk that a descriptor names, and where it ends in the stored object. */
  tail: { chunk: number; byte: number }
  /** Bytes of the stored object. */
  total: number | undefined
  /** Its rows by index, once they hashed right. */
  proven: ReadonlyMap<number, ChunkRow> | undefined
  /** Its rows that did not match, although the file seems to use all of it; and those that were dropped therefore. */
  mismatched?: readonly ChunkRow[]
  dropped?: readonly ChunkRow[] | undefined
}

/** Result of {@link ChunkVerifier.judge}: what the rows at hand say about a xorb. */
export type XorbVerdict = 'incomplete' | 'proven' | 'damaged' | 'undecided'

/**
 * What is here of one file, and what of it is proven: the rows (hash and length of every chunk committed),
 * the stretches they cover, and the stretches that may be given away.
 *
 * Sources: Xet protocol, sections on hashing and on verifying a download.
 */
export class ChunkVerifier {
  readonly size: number
  readonly held: ByteSet = new ByteSet()
  /** Proven by a xorb hash, or decoded from a xorb that the file uses only in part. */
  readonly releasable: ByteSet = new ByteSet()
  /** Belongs to xorbs that hashed right. */
  readonly proven: ByteSet = new ByteSet()
  /** Whether every block of the file has been seen: before, a xorb may be used by more than it seems. */
  mapped = false
  /** Where the last run known begins. */
  lastRunStart: number | undefined
  readonly #hasher: Hasher
  readonly #xorbs = new Map<string, XorbState>()
  #runs: JournalRun[] = []

  constructor(size: number, hasher: Hasher) {
    this.size = size
    this.#hasher = hasher
  }

  get runs(): readonly JournalRun[] {
    return this.#runs
  }

  /** What may leave by now: the last run is held back until the whole file is proven. */
  get leaving(): ByteRange[] {
    const until = this.lastRunStart ?? this.size - 1
    return this.releasable.ranges
      .map(({ start, end }) => ({ start, end: Math.min(end, until) }))
      .filter(({ start, end }) => start < end)
  }

  /** Tells which chunks of a xorb the file uses; has to be called before its verdict is asked for. */
  expect(runs: readonly Run[]): void {
    for (const { xorb, chunks, offset, length } of runs) {
      const state = this.#state(xorb)
      state.used.add(chunks)
      state.places.add({ start: offset, end: offset + length })
      this.lastRunStart = Math.max(this.lastRunStart ?? 0, offset)
    }
  }

  /**
   * Tells where in the stored object chunks lie. Has to be called for all that a block names before a
   * verdict is asked for: a xorb whose end is not known looks as if the file used only a part of it.
   *
   * @param total bytes of the stored object, where known
   */
  locate({ xorb, chunks, bytes }: Omit<Descriptor, 'url'>, total?: number): void {
    const state = this.#state(xorb)
    if (chunks.end > state.tail.chunk) state.tail = { chunk: chunks.end, byte: bytes.end }
    state.total ??= total
  }

  /**
   * What else has to come before a byte that is here can be proven: the other places of its xorb.
   *
   * @returns stretches of the file; none where the byte is not here, or may leave
   */
  needed(position: number): ByteRange[] {
    const byte = { start: position, end: position + 1 }
    if (this.proven.covers(byte)) return []
    const run = this.#runs.find((one) => one.xorb !== '' && overlaps(rangeOf(one), byte))
    return run === undefined
      ? []
      : this.#state(run.xorb).places.ranges.flatMap((range) => this.held.missing(range))
  }

  /** Takes a committed run into account. */
  add(run: JournalRun): void {
    this.#runs.push(run)
    this.held.add(rangeOf(run))
    if (this.agrees(run)) this.#prove([run])
  }

  /**
   * Forgets runs that turned out to be damaged, and what shares a byte with them: a store drops it, too.
   *
   * @returns all that is forgotten
   */
  drop(isBad: (run: JournalRun) => boolean): readonly JournalRun[] {
    let bad = this.#runs.filter(isBad)
    for (let before = -1; before < bad.length;) {
      before = bad.length
      const lost = new ByteSet(bad.map(rangeOf)).ranges
      bad = this.#runs.filter(
        (run) => isBad(run) || lost.some((range) => overlaps(range, rangeOf(run))),
      )
    }
    const gone = new Set(bad)
    for (const { xorb } of bad) {
      const state = this.#state(xorb)
      state.dropped = state.mismatched
    }
    this.#runs = this.#runs.filter((run) => !gone.has(run))
    for (const range of bad.map(rangeOf)) {
      this.held.delete(range)
      this.releasable.delete(range)
      this.proven.delete(range)
    }
    return bad
  }

  /** Whether all chunks of a run are here, be it at other places of the file. */
  knows({ xorb, chunks }: Run): boolean {
    const here = new ByteSet(
      this.#runs
        .filter((run) => run.xorb === xorb)
        .map(({ chunk, rows }) => ({ start: chunk, end: chunk + rows.length })),
    )
    return here.covers(chunks)
  }

  /** For files that have no hashes on the way: everything that is here may leave. */
  releaseAll(): void {
    this.#release(this.#runs)
  }

  /** Whether the run consists of chunks whose xorb hashed right with them. */
  agrees({ xorb, chunk, rows }: JournalRun): boolean {
    const proven = this.#xorbs.get(xorb)?.proven
    return (
      proven !== undefined &&
      rows.every((row, at) => {
        const right = proven.get(chunk + at)
        return right !== undefined && sameRow(row, right)
      })
    )
  }

  /**
   * Compares a xorb's chunks with its name. Its bytes become releasable when they match, and also when the
   * file can only use a part of it, so that no later comparison is possible. A xorb that is proven can be
   * damaged again: by a repetition of its chunks elsewhere in the file.
   */
  judge(xorb: string): XorbVerdict {
    const state = this.#state(xorb)
    const runs = this.#runs.filter((run) => run.xorb === xorb)
    if (state.proven) return runs.every((run) => this.agrees(run)) ? 'proven' : 'damaged'
    const rows = rowsByIndex(runs)
    const used = state.used.ranges.at(-1)?.end ?? 0
    const complete = rows !== undefined && used > 0 && rows.size >= used
    const list = complete
      ? Array.from({ length: used }, (_, chunk) => rows.get(chunk) as ChunkRow)
      : undefined
    // Rows that hash right are all of the xorb, whatever other blocks use of it.
    if (list === undefined || xorbHash(list, this.#hasher) !== xorb) {
      if (!this.mapped) return 'incomplete'
      const extent = extentOf(state)
      if (extent === 'part') {
        this.#release(runs)
        return 'undecided'
      }
      if (rows !== undefined && list === undefined) return 'incomplete'
      if (extent === 'unknown') return 'undecided'
      // More chunks may follow that are as long as a footer: then the same rows come again, and the file's hash decides.
      const same = list?.every((row, at) => sameRow(row, state.dropped?.[at] ?? noRow))
      if (extent === 'likely' && same) return 'undecided'
      if (list) state.mismatched = list
      return 'damaged'
    }
    state.proven = rows
    this.#prove(runs)
    return 'proven'
  }

  /**
   * Hash over all rows in file order.
   *
   * @returns undefined while rows are missing or contradict each other
   */
  fileHash(): string | undefined {
    const rows = new Map<number, ChunkRow>()
    let end = 0
    for (const run of this.#runs.toSorted((a, b) => a.offset - b.offset)) {
      let at = run.offset
      for (const row of run.rows) {
        if (at > end) return undefined
        const known = rows.get(at)
        if (at < end && !(known && sameRow(known, row))) return undefined
        rows.set(at, row)
        at += row.length
        end = Math.max(end, at)
      }
    }
    return end === this.size ? fileHash([...rows.values()], this.#hasher) : undefined
  }

  #release(runs: readonly JournalRun[]): void {
    for (const run of runs) this.releasable.add(rangeOf(run))
  }

  #prove(runs: readonly JournalRun[]): void {
    this.#release(runs)
    for (const run of runs) this.proven.add(rangeOf(run))
  }

  #state(xorb: string): XorbState {
    let state = this.#xorbs.get(xorb)
    if (!state) {
      state = {
        used: new ByteSet(),
        places: new ByteSet(),
        tail: { chunk: 0, byte: 0 },
        total: undefined,
        proven: undefined,
      }
      this.#xorbs.set(xorb, state)
    }
    return state
  }
}

function extentOf({ used: { ranges }, tail, total }: XorbState): XorbExtent {
  const [used] = ranges
  if (!used || ranges.length > 1 || tail.chunk > used.end) return 'part'
  return xorbExtent(used, tail.byte, total)
}

/** Undefined when two rows of one chunk differ. */
function rowsByIndex(runs: readonly JournalRun[]): Map<number, ChunkRow> | undefined {
  const rows = new Map<number, ChunkRow>()
  for (const run of runs) {
    for (const [at, row] of run.rows.entries()) {
      const known = rows.get(run.chunk + at)
      if (known && !sameRow(known, row)) return undefined
      rows.set(run.chunk + at, row)
    }
  }
  return rows
}

/** Bytes read from the disk at once. */
const step = 8 * 2 ** 20

/**
 * Compares what is here with what the hub promised: the Xet file hash over all chunks, else SHA-256 over
 * all bytes, else (no hash known) the length alone.
 *
 * @returns by what the file is proven; undefined when it is not
 */
export async function proveFile(
  info: FileInfo,
  verifier: ChunkVerifier,
  file: PartialFile,
): Promise<NonNullable<CatalogFile['proof']> | undefined> {
  const { size, xetHash, sha256 } = info
  if (!verifier.held.covers({ start: 0, end: size })) return undefined
  if (xetHash !== undefined && verifier.fileHash() === xetHash) return 'xet'
  // Bytes of the file's own URL come without chunks.
  if (xetHash !== undefined && verifier.runs.every(({ xorb }) => xorb !== '')) return undefined
  if (sha256 === undefined) return xetHash === undefined ? 'length' : undefined
  const hash = await createSha256()
  for (let start = 0; start < size; start += step)
    hash.update(await file.read({ start, end: Math.min(size, start + step) }))
  return hash.hex() === sha256 ? 'sha256' : undefined
}
