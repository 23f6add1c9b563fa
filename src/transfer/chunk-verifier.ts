import { type ChunkRow, fileHash, type Hasher, xorbHash } from '../codec/index.ts'
import { type ByteRange, ByteSet, overlaps } from '../core/index.ts'
import { ReconstructionCheck, xorbExtent, type XorbExtent } from './reconstruction-check.ts'
import type { Block, Descriptor, Run } from '../reconstruction/index.ts'
import {
  chunksOfRun,
  type JournalRun,
  rangeOf,
  rowsByIndex,
  rowsOfFile,
  sameRow,
} from '../store/index.ts'

const noRow: ChunkRow = { hash: new Uint8Array(), length: -1 }

/** The state of one xorb of the file. */
interface XorbState {
  /** Chunks of it that the file uses, as far as known from reconstructions. */
  used: ByteSet
  /** Their ranges in the file. */
  places: ByteSet
  /** The last chunk in a descriptor, and its end in the stored object. */
  tail: { chunk: number; byte: number }
  /** Bytes of the stored object. */
  total: number | undefined
  /** Its rows by index, once their hash matched. */
  proven: ReadonlyMap<number, ChunkRow> | undefined
  /** Its rows that did not match, although the file seems to use all of it; and the rows that were dropped for that reason. */
  mismatched?: readonly ChunkRow[]
  dropped?: readonly ChunkRow[] | undefined
}

/** The state of a xorb according to the known rows. */
export type XorbCheck = 'incomplete' | 'proven' | 'damaged' | 'undecided'

/**
 * What is committed of one file, what is proven of it, and what may be delivered.
 *
 * Sources: Xet protocol, sections on hashing and on verifying a download.
 */
export class ChunkVerifier {
  readonly #size: number
  readonly held: ByteSet = new ByteSet()
  /** Proven by a xorb hash, or decoded from a partly used xorb. */
  readonly accepted: ByteSet = new ByteSet()
  /** Ranges of xorbs whose hash matched. */
  readonly proven: ByteSet = new ByteSet()
  /** Proven bytes that two reconstructions place there; none before {@link confirm}. */
  readonly confirmed: ByteSet = new ByteSet()
  readonly reconstructions: ReconstructionCheck = new ReconstructionCheck()
  #confirms = false
  /** Whether all blocks of the file are known: before that, the file may use more of a xorb than is known. */
  mapped = false
  /** Whether bytes of partly used xorbs wait for the file's hash. */
  provenOnly = false
  /** Start of the last known run. */
  lastRunStart: number | undefined
  readonly #hasher: Hasher
  readonly #xorbs = new Map<string, XorbState>()
  #runs: JournalRun[] = []
  /** Chunks that the device has lost, by where they begin, and their runs: what they prove is still true. */
  readonly #lost = new Map<number, ChunkRow>()
  #lostRuns: readonly JournalRun[] = []
  /** Whether the file's hash has matched with chunks that the device has lost. */
  #settled = false
  /** Stretches that came back as other bytes than were lost. */
  readonly changed: ByteRange[] = []

  constructor(size: number, hasher: Hasher) {
    this.#size = size
    this.#hasher = hasher
  }

  get runs(): readonly JournalRun[] {
    return this.#runs
  }

  /** The ranges that may be delivered now: the last run is held back until the whole file is proven. */
  get releasable(): ByteRange[] {
    const until = this.#settled ? this.#size : (this.lastRunStart ?? this.#size - 1)
    const given = this.provenOnly && !this.#settled ? this.proven : this.accepted
    return given.ranges
      .map(({ start, end }) => ({ start, end: Math.min(end, until) }))
      .filter(({ start, end }) => start < end)
  }

  /** Records which chunks of a xorb the file uses; call it before {@link judge}. */
  expect(runs: readonly Run[]): void {
    for (const { xorb, chunks, offset, length } of runs) {
      const state = this.#state(xorb)
      state.used.add(chunks)
      state.places.add({ start: offset, end: offset + length })
      this.lastRunStart = Math.max(this.lastRunStart ?? 0, offset)
    }
  }

  /** Adds a reconstruction. @returns false when it contradicts another one */
  addReconstruction(block: Block): boolean {
    const agrees = this.reconstructions.add(block)
    this.#confirm(block.range)
    return agrees
  }

  /** Replaces all reconstructions of the file. */
  replaceReconstructions(blocks: readonly Block[]): void {
    for (const state of this.#xorbs.values())
      Object.assign(state, { used: new ByteSet(), places: new ByteSet() })
    // What is lost may have been in wrong places, and chunks in other places cannot be compared with it.
    this.changed.push(...this.lost)
    this.#lost.clear()
    this.#lostRuns = []
    this.#settled = false
    this.lastRunStart = undefined
    this.reconstructions.replace(blocks)
    this.#confirm({ start: 0, end: this.#size })
    for (const { runs, descriptors } of blocks) {
      this.expect(runs)
      for (const descriptor of descriptors) this.locate(descriptor)
    }
    this.mapped = true
  }

  /** Forgets the reconstructions of a range. */
  distrust(range: ByteRange): void {
    this.reconstructions.forget(range)
    this.confirmed.delete(range)
  }

  /** Computes from now on which bytes are confirmed. */
  confirm(): void {
    if (this.#confirms) return
    this.#confirms = true
    this.#confirm({ start: 0, end: this.#size })
  }

  /**
   * Records where chunks are in the stored object. Call it for all descriptors of a block before {@link judge}: a
   * xorb with an unknown end looks as if the file used only a part of it.
   *
   * @param total bytes of the stored object, if known
   */
  locate({ xorb, chunks, bytes }: Omit<Descriptor, 'url'>, total?: number): void {
    const state = this.#state(xorb)
    if (chunks.end > state.tail.chunk) state.tail = { chunk: chunks.end, byte: bytes.end }
    state.total ??= total
  }

  /**
   * The ranges that must arrive before a byte can be proven: the places of its xorb.
   *
   * @returns ranges of the file; none when its xorb is not known, or has been proven
   */
  needed(position: number): readonly ByteRange[] {
    const byte = { start: position, end: position + 1 }
    if (this.proven.covers(byte)) return []
    const state = [...this.#xorbs.values()].find(({ places }) => places.covers(byte))
    const missing = new ByteSet(state?.places.ranges)
    for (const range of [...this.held.ranges, ...this.lost]) missing.delete(range)
    return missing.ranges
  }

  /** The ranges that the device has lost and has not received again; their chunks are known. */
  get lost(): readonly ByteRange[] {
    return this.#lost.size === 0 ? [] : this.#lostRuns.map(rangeOf)
  }

  /**
   * Compares the file's hash once everything has arrived, whether the device still has it or not. Readers then get the
   * end of the file without what is lost before it.
   */
  settle(xetHash: string | undefined): void {
    if (this.#lost.size === 0 || this.#settled || xetHash === undefined) return
    const here = new ByteSet([...this.held.ranges, ...this.lost])
    this.#settled = here.size === this.#size && this.fileHash() === xetHash
  }

  /** Adds a committed run. */
  add(run: JournalRun): void {
    this.#runs.push(run)
    this.held.add(rangeOf(run))
    if (this.#lost.size > 0) this.#compare(run)
    if (this.agrees(run)) this.#prove([run])
  }

  /** Removes damaged runs, and all that share a byte with them, as a store does. @returns all removed runs */
  drop(isBad: (run: JournalRun) => boolean): readonly JournalRun[] {
    let bad = this.#runs.filter(isBad)
    for (let before = -1; before < bad.length;) {
      before = bad.length
      const lost = new ByteSet(bad.map(rangeOf)).ranges
      bad = this.#runs.filter(
        (run) => isBad(run) || lost.some((range) => overlaps(range, rangeOf(run))),
      )
    }
    const removed = new Set(bad)
    for (const { xorb } of bad) {
      const state = this.#state(xorb)
      state.dropped = state.mismatched
    }
    this.#runs = this.#runs.filter((run) => !removed.has(run))
    for (const range of bad.map(rangeOf))
      for (const set of [this.held, this.accepted, this.proven, this.confirmed]) set.delete(range)
    return bad
  }

  /**
   * Removes the runs that the device has lost. Their chunks must be the same again, because readers may have some of them.
   *
   * @param kept what is still committed
   * @returns what is forgotten
   */
  lose(kept: readonly JournalRun[]): readonly JournalRun[] {
    const offsets = new Set(kept.map(({ offset }) => offset))
    const lost = this.drop((run) => !offsets.has(run.offset))
    for (const run of lost)
      for (const chunk of chunksOfRun('', run)) this.#lost.set(chunk.offset, chunk)
    this.#lostRuns = [...this.#lostRuns, ...lost]
    return lost
  }

  /** Whether all chunks of a run are committed, possibly at other places of the file. @param except does not count */
  knows(
    { xorb, chunks }: Omit<Run, 'offset' | 'length'>,
    except: readonly JournalRun[] = [],
  ): boolean {
    const here = new ByteSet(
      this.#runs
        .filter((run) => run.xorb === xorb && !except.includes(run))
        .map(({ chunk, rows }) => ({ start: chunk, end: chunk + rows.length })),
    )
    return here.covers(chunks)
  }

  /** For files without intermediate hashes: all committed bytes may be delivered. */
  acceptAll(): void {
    this.provenOnly = false
    this.#accept(this.#runs)
  }

  /** Whether all chunks of the run belong to a xorb whose hash matched with them. */
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
   * Compares a xorb's chunks with its hash. Its bytes are accepted when they match, and also when the file uses
   * only a part of the xorb, so that no comparison will ever be possible. A proven xorb can be damaged again, by a
   * repetition of its chunks elsewhere in the file.
   */
  judge(xorb: string): XorbCheck {
    const state = this.#state(xorb)
    const runs = this.#runs.filter((run) => run.xorb === xorb)
    if (state.proven) return runs.every((run) => this.agrees(run)) ? 'proven' : 'damaged'
    const rows = rowsByIndex([...runs, ...this.#lostRuns.filter((run) => run.xorb === xorb)])
    const used = state.used.ranges.at(-1)?.end ?? 0
    const complete = rows !== undefined && used > 0 && rows.size >= used
    const list = complete
      ? Array.from({ length: used }, (_, chunk) => rows.get(chunk) as ChunkRow)
      : undefined
    // Rows whose hash matches are the complete xorb, regardless of other blocks.
    if (list === undefined || xorbHash(list, this.#hasher) !== xorb) {
      if (!this.mapped) return 'incomplete'
      const extent = extentOf(state)
      if (extent === 'part') {
        this.#accept(runs)
        return 'undecided'
      }
      if (rows !== undefined && list === undefined) return 'incomplete'
      if (extent === 'unknown') return 'undecided'
      // The remaining bytes may be chunks as long as a footer: then the same rows arrive again, and the file's hash decides.
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
    const rows = rowsOfFile([...this.#runs, ...this.#lostRuns], this.#size)
    return rows && fileHash(rows, this.#hasher)
  }

  #compare(run: JournalRun): void {
    for (const chunk of chunksOfRun('', run)) {
      const { offset } = chunk
      const lost = this.#lost.get(offset)
      if (lost && !sameRow(lost, chunk))
        this.changed.push({ start: offset, end: offset + lost.length })
      this.#lost.delete(offset)
    }
    this.#lostRuns = this.#lostRuns.filter((lost) =>
      chunksOfRun('', lost).some(({ offset }) => this.#lost.has(offset)),
    )
  }

  #confirm(range: ByteRange): void {
    if (!this.#confirms) return
    this.confirmed.delete(range)
    this.#prove(this.#runs.filter((run) => overlaps(rangeOf(run), range) && this.agrees(run)))
  }

  #accept(runs: readonly JournalRun[]): void {
    for (const run of runs) this.accepted.add(rangeOf(run))
  }

  #prove(runs: readonly JournalRun[]): void {
    this.#accept(runs)
    for (const run of runs) {
      this.proven.add(rangeOf(run))
      const rows = this.#confirms && this.#xorbs.get(run.xorb)?.proven
      if (rows)
        for (const range of this.reconstructions.agreed(run, rows)) this.confirmed.add(range)
    }
  }

  #state(xorb: string): XorbState {
    const state = this.#xorbs.get(xorb) ?? {
      used: new ByteSet(),
      places: new ByteSet(),
      tail: { chunk: 0, byte: 0 },
      total: undefined,
      proven: undefined,
    }
    this.#xorbs.set(xorb, state)
    return state
  }
}

function extentOf({ used: { ranges }, tail, total }: XorbState): XorbExtent {
  const [used] = ranges
  if (!used || ranges.length > 1 || tail.chunk > used.end) return 'part'
  return xorbExtent(used, tail.byte, total)
}
