import { type ByteRange, ByteSet, type Clock, FerryError, overlaps } from '../core/index.ts'
import { common, cut, firstBlocks, rangesOf, type TaskQueue } from './plan.ts'
import type { FileInfo } from '../data/index.ts'
import type { Wanted } from './file-source.ts'
import { type JournalRun, rangeOf } from '../store/index.ts'
import type { ChunkRow } from '../codec/index.ts'
import type { Block, Run } from '../reconstruction/index.ts'

type Reconstruction = Pick<Block, 'range' | 'runs'>

/**
 * The reconstructions of one file. A wrong one may name right xorbs in wrong places, and only the file's hash shows it.
 * Before that hash is known, answers for different ranges must agree.
 */
export class ReconstructionCheck {
  #known: Reconstruction[] = []
  /** How many have to agree. */
  #needed = 2

  get all(): readonly Reconstruction[] {
    return this.#known
  }

  /**
   * Adds one; it replaces that of the same range.
   *
   * @returns false when it contradicts another one
   */
  add({ range, runs }: Reconstruction): boolean {
    const others = this.#known.filter((other) => !isSame(other.range, range))
    this.#known = [...others, { range, runs }]
    return !others.some((other) => overlaps(other.range, range) && contradicts(other.runs, runs))
  }

  /** One of them was wrong: from now on three have to agree. */
  doubt(): void {
    this.#needed = 3
  }

  /** One of them was wrong: replaces all. */
  replace(all: readonly Reconstruction[]): void {
    this.#known = [...all]
    this.doubt()
  }

  /** Removes those that overlap a range. */
  forget(range: ByteRange): void {
    this.#known = this.#known.filter((other) => !overlaps(other.range, range))
  }

  /**
   * The range to ask for, so that enough reconstructions name the place of a byte. It differs from all others, because a
   * cache may give the same answer again.
   *
   * @param size of the file, bytes
   * @returns undefined while none or already enough of them do, and when another one would not help
   */
  next(position: number, size: number): ByteRange | undefined {
    const holds = ({ start, end }: ByteRange): boolean => start <= position && position < end
    const [one, ...others] = this.#known.filter(({ runs }) => rangesOf(runs).some(holds))
    if (one === undefined || others.length >= this.#needed - 1) return undefined
    const { range, runs } = one
    // The only xorb of a file is proven no earlier than the file.
    const whole = range.end - range.start === size
    if (whole && runs.every(({ xorb }) => xorb === runs[0]?.xorb)) return undefined
    const [{ start, end } = range] = firstBlocks(size).filter(holds)
    const from = start === 0 ? 1 : start - 1
    const until = [end, end - 1].find(
      (until) => !this.#known.some((other) => isSame(other.range, { start: from, end: until })),
    )
    return until === undefined ? undefined : { start: from, end: until }
  }

  /**
   * The parts of a run that enough of them place where it is, and none elsewhere.
   *
   * @param rows of its xorb, whose hash has matched, by index
   */
  agreed(run: JournalRun, rows: ReadonlyMap<number, ChunkRow>): readonly ByteRange[] {
    const named = Array.from({ length: this.#needed }, () => new ByteSet())
    const here = rangeOf(run)
    const known = this.#known.filter(({ range }) => overlaps(range, here))
    const places = known.map(
      ({ runs }) => new ByteSet(runs.flatMap((other) => commonPlace(run, other, rows) ?? [])),
    )
    for (const place of places.flatMap(({ ranges }) => ranges)) {
      for (let times = named.length - 1; times > 0; times -= 1)
        for (const before of named[times - 1]!.ranges) named[times]!.add(common(before, place))
      named[0]!.add(place)
    }
    const enough = named.at(-1)!
    for (const [at, { range }] of known.entries())
      for (const other of places[at]!.missing(common(range, here))) enough.delete(other)
    return enough.ranges
  }
}

function isSame(a: ByteRange, b: ByteRange): boolean {
  return a.start === b.start && a.end === b.end
}

/** The range of the chunks that both contain, if both have them at the same offset. */
function commonPlace(
  run: JournalRun,
  other: Run,
  rows: ReadonlyMap<number, ChunkRow>,
): ByteRange | undefined {
  const start = Math.max(run.chunk, other.chunks.start)
  const end = Math.min(run.chunk + run.rows.length, other.chunks.end)
  if (run.xorb !== other.xorb || start >= end) return undefined
  const offset = other.offset + lengthOf(rows, other.chunks.start, start)
  if (offset !== run.offset + lengthOf(rows, run.chunk, start)) return undefined
  return { start: offset, end: offset + lengthOf(rows, start, end) }
}

function lengthOf(rows: ReadonlyMap<number, ChunkRow>, start: number, end: number): number {
  let length = 0
  for (let chunk = start; chunk < end; chunk += 1) length += rows.get(chunk)?.length ?? Number.NaN
  return length
}

/** Whether two reconstructions place different chunks at one byte. Lengths of chunks are not known, so some differences are not seen. */
export function contradicts(a: readonly Run[], b: readonly Run[]): boolean {
  let from = 0
  for (const run of a) {
    while (from < b.length && endOf(b[from]!) <= run.offset) from += 1
    for (let at = from; at < b.length && b[at]!.offset < endOf(run); at += 1)
      if (!mayAgree(run, b[at]!)) return true
  }
  return false
}

function mayAgree(a: Run, b: Run): boolean {
  const starts = Math.sign(a.offset - b.offset) === Math.sign(a.chunks.start - b.chunks.start)
  const ends = Math.sign(endOf(a) - endOf(b)) === Math.sign(a.chunks.end - b.chunks.end)
  return a.xorb === b.xorb && overlaps(a.chunks, b.chunks) && starts && ends
}

function endOf({ offset, length }: Run): number {
  return offset + length
}

/** Time until a range is asked for again after a failure, milliseconds. */
const againMs = 5000

/** The download whose reconstructions are confirmed. */
interface Confirmed {
  readonly info: Pick<FileInfo, 'size' | 'xetHash'>
  readonly verifier: { readonly reconstructions: ReconstructionCheck; confirm(): void }
  readonly wanted: () => readonly Wanted[]
  readonly tools: { readonly net: { readonly clock: Clock } }
}

/** Calls for reconstructions that confirm others. */
export class Confirmations {
  readonly #download: Confirmed
  readonly #queue: Pick<TaskQueue, 'opens'>
  readonly #call: (range: ByteRange, signal: AbortSignal) => Promise<void>
  readonly #asked = new Set<number>()

  constructor(
    download: Confirmed,
    queue: Pick<TaskQueue, 'opens'>,
    call: (range: ByteRange, signal: AbortSignal) => Promise<void>,
  ) {
    this.#download = download
    this.#queue = queue
    this.#call = call
  }

  /**
   * Requests more reconstructions where readers of ranges wait, because the file's hash, which would prove a single one,
   * comes too late.
   */
  ask(signal: AbortSignal): void {
    const { info, verifier, wanted, tools } = this.#download
    for (const { start, inside } of wanted()) {
      if (!inside || info.xetHash === undefined) continue
      verifier.confirm()
      if (this.#queue.opens(start)) continue
      const range = verifier.reconstructions.next(start, info.size)
      if (range !== undefined) this.#ask(range, tools.net.clock, signal)
    }
  }

  /** Asks, unless the call for this range is running, or failed a moment ago. */
  #ask(range: ByteRange, clock: Clock, signal: AbortSignal): void {
    if (this.#asked.has(range.end)) return
    this.#asked.add(range.end)
    void this.#call(range, signal)
      .catch(() => clock.sleep(againMs, signal))
      .catch(() => undefined)
      .finally(() => this.#asked.delete(range.end))
  }
}

/**
 * Asks for the reconstruction of a whole file, in halves of its blocks: a cache may give a wrong answer for the same range again.
 *
 * @param size of the file, bytes
 */
export async function openHalves(
  open: (range: ByteRange) => Promise<Block>,
  size: number,
): Promise<Block[]> {
  const blocks: Block[] = []
  for (const range of firstBlocks(size))
    for (const half of cut(range, Math.ceil((range.end - range.start) / 2)))
      blocks.push(await open(half))
  return blocks
}

/** The error when reconstructions contradict each other, or the hash of the file. */
export function contradiction(url: string): FerryError {
  return new FerryError(
    'integrity',
    'The reconstructions of the file contradict each other or its hash; nothing was kept.',
    { url, retryable: true, errorCode: 'PlansDiffer' },
  )
}

/** Whether what is committed may be in wrong places. */
export function isMisplaced(error: unknown): boolean {
  return error instanceof FerryError && error.errorCode === 'PlansDiffer'
}

/** How much of a xorb a file uses; `likely`: the whole, if the remaining bytes are its footer. */
export type XorbExtent = 'whole' | 'likely' | 'part' | 'unknown'

/** Bytes of the footer that a stored xorb of `chunks` chunks may have after its records. */
function footerLength(chunks: number): number {
  return 96 + 40 * chunks
}

/**
 * Whether a file uses all chunks of a xorb. Only a completely used xorb can be proven by its hash. One that should
 * match and does not is damaged; a partly used one never matches.
 *
 * @param chunks indexes of the chunks used, without gaps
 * @param end end of the last one in the stored object
 * @param total bytes of the stored object (`Content-Range`), undefined when it is not readable
 */
export function xorbExtent(chunks: ByteRange, end: number, total: number | undefined): XorbExtent {
  if (chunks.start > 0) return 'part'
  if (total === undefined) return 'unknown'
  if (total === end) return 'whole'
  return total - end === footerLength(chunks.end) ? 'likely' : 'part'
}
