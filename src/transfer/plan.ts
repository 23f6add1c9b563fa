import { type ByteRange, type ByteSet, overlaps } from '../core/index.ts'
import type { Block, Descriptor, Run } from '../reconstruction/index.ts'

/** The chunk run of one descriptor: unit of fetch, commit and retry. */
export interface Piece {
  readonly span: Span
  readonly descriptor: Descriptor
  /** The places of its chunks; several when the file repeats them. */
  readonly runs: readonly Run[]
}

/** A request under way that may leave its last part to others, if each of them can fetch its own. */
export interface Relieved {
  /** Aborted when it leaves nothing: it is over, or one of the others has no reconstruction. */
  readonly over: AbortController
  /** One of them has its reconstruction. @returns whether all have, and it leaves the last part to them */
  leave(): Promise<boolean>
  /** One of them gets none. */
  refuse(): void
}

/** A range of the file with the state of its reconstruction. */
export interface Span {
  readonly range: ByteRange
  /** Whether it may still be split. */
  readonly first: boolean
  /** Whether it is fetched last, or when a reader waits for it. */
  readonly late?: boolean
  /** The request that fetches the range if nothing comes of it here. */
  readonly relieves?: Relieved
  /** The newest block; replaced when it is renewed. */
  block?: Block
  /** Generation at the last progress; the difference to the block's is the number of renewals without progress. */
  progressGeneration: number
}

/**
 * Whether a piece fetches only bytes that another one fetches too: the same chunks of the same xorb, for other places
 * of the file. A run at the boundary of two ranges is in both pieces, but each of its chunks belongs to only one of
 * them.
 */
export function fetchesSameBytes(piece: Piece, other: Piece): boolean {
  const [a, b] = [piece.descriptor, other.descriptor]
  if (a.xorb === '' || a.xorb !== b.xorb) return false
  if (a.chunks.start !== b.chunks.start || a.chunks.end !== b.chunks.end) return false
  return piece.runs.every(({ offset, chunks }) =>
    other.runs.some(
      (run) =>
        run.chunks.start <= chunks.start && chunks.end <= run.chunks.end && run.offset !== offset,
    ),
  )
}

/** The file ranges of pieces. */
export function placesOf(pieces: Iterable<Piece>): ByteRange[] {
  return [...pieces].flatMap(({ runs }) => rangesOf(runs))
}

/** The file ranges of runs. */
export function rangesOf(runs: readonly Run[]): ByteRange[] {
  return runs.map(({ offset, length }) => ({ start: offset, end: offset + length }))
}

/** The parts of a piece's runs that belong to its range. */
export function ownRanges({ span: { range }, runs }: Piece): ByteRange[] {
  return runs.map(({ offset, length }) => ({
    start: Math.max(range.start, offset),
    end: Math.min(range.end, offset + length),
  }))
}

/** The earliest deadline of the URLs of pieces, local epoch milliseconds; undefined: not known. */
export function firstDeadline(pieces: readonly Piece[]): number | undefined {
  const deadlines = pieces.flatMap(({ span: { block } }) =>
    block && block.deadline !== null ? [block.deadline - block.skew] : [],
  )
  return deadlines.length > 0 ? Math.min(...deadlines) : undefined
}

/** The next task of a connection. */
export type Task =
  | { readonly kind: 'open'; readonly span: Span }
  | { readonly kind: 'fetch'; readonly piece: Piece }

/** Reconstructions that are requested while all connections fetch. */
export const plansAhead = 2

/** The connections of a file. */
export interface Room {
  /** Those that may fetch another piece. */
  readonly free: number
  /** All of them: as many reconstructions are kept ready, because the connections may end together. */
  readonly most: number
  /** The ranges whose reconstructions are under way: their pieces come before later ones. */
  readonly opening: readonly ByteRange[]
}

/**
 * Chooses the next task: first ranges that readers wait for, then unknown blocks, then pieces from the start. Blocks
 * are requested ahead, so that no connection waits for a reconstruction.
 *
 * @param spans without a block yet, in file order
 * @param pieces ready to be fetched, in file order
 * @param wanted ranges that readers wait for, the most urgent first
 */
export function nextTask(
  spans: readonly Span[],
  pieces: readonly Piece[],
  wanted: readonly ByteRange[],
  { free, most, opening }: Room,
): Task | undefined {
  for (const want of wanted) {
    const piece = pieces.find(({ runs }) => rangesOf(runs).some((range) => overlaps(range, want)))
    if (piece && free > 0) return { kind: 'fetch', piece }
    const span = !piece && spans.find(({ range }) => overlaps(range, want))
    if (span) return { kind: 'open', span }
  }
  const first = spans.find((span) => span.first)
  if (first) return { kind: 'open', span: first }
  const [piece] = pieces
  // A piece that takes the connection of an earlier one is ended as soon as a reader waits for that one.
  const earlier = piece ? opening.filter(({ start }) => start < firstOffset(piece)) : []
  if (piece && free > earlier.length) return { kind: 'fetch', piece }
  const next = pieces.length < free + most ? spans.find((span) => !span.late) : undefined
  return next && { kind: 'open', span: next }
}

/** Number of pauses before late tasks begin: readers may finish meanwhile. */
const latePauses = 8

/** Whether readers wait for a part of a task. */
export function isWanted(task: Task, wanted: readonly ByteRange[]): boolean {
  const places = task.kind === 'open' ? [task.span.range] : placesOf([task.piece])
  return wanted.some((want) => places.some((place) => overlaps(place, want)))
}

/** The remaining tasks of a file, shared by all its connections. */
export class TaskQueue {
  #spans: Span[]
  #pieces: Piece[] = []
  readonly #active = new Set<Task>()
  /** Whether late tasks may begin. */
  #lateToo = false
  #wake: () => void = () => undefined
  #changed: Promise<void> = Promise.resolve()

  /** @param ranges the initial blocks of the file */
  constructor(ranges: readonly ByteRange[]) {
    this.#spans = ranges.map((range) => ({ range, first: true, progressGeneration: 0 }))
    this.wake()
  }

  get spans(): readonly Span[] {
    return this.#spans
  }

  get pieces(): readonly Piece[] {
    return this.#pieces
  }

  /** Adds ranges to request, as far as they are neither committed nor queued. */
  addSpans(ranges: readonly ByteRange[], held: ByteSet, late: boolean = false): void {
    const known = (range: ByteRange): boolean =>
      held.covers(range) ||
      this.#spans.some(
        (span) =>
          // Nothing may come of the others.
          !span.relieves && span.range.start <= range.start && range.end <= span.range.end,
      )
    if (late) this.#lateToo = false
    for (const range of ranges)
      if (!known(range)) this.#spans.push({ range, first: false, late, progressGeneration: 0 })
    this.#spans.sort((a, b) => a.range.start - b.range.start)
    this.wake()
  }

  /** Adds ranges that a request under way would fetch too. */
  relieve(relieves: Relieved, ranges: readonly ByteRange[]): void {
    for (const range of ranges)
      this.#spans.push({ range, first: false, relieves, progressGeneration: 0 })
    this.wake()
  }

  /** Whether only pieces that are being fetched are left. */
  get isDrained(): boolean {
    return this.#spans.length + this.#pieces.length + this.#opening().length === 0
  }

  /** Replaces all tasks by these ranges. */
  replace(ranges: readonly ByteRange[]): void {
    this.#pieces = []
    this.#spans = ranges.flatMap((range) =>
      cut(range, maxBlock).map((part) => ({ range: part, first: false, progressGeneration: 0 })),
    )
    this.wake()
  }

  addPieces(pieces: readonly Piece[]): void {
    this.#pieces = [...this.#pieces, ...pieces].toSorted((a, b) => offsetOf(a) - offsetOf(b))
    this.wake()
  }

  /**
   * Takes the next task of a connection, and waits while running tasks may add others. A chunk that is being fetched
   * for another place of the file is not fetched concurrently: it may be copied afterwards. Call {@link done} after
   * every task.
   *
   * @param wanted ranges that readers wait for, the most urgent first
   * @param most connections that may fetch pieces
   * @param onlyWanted whether other tasks wait while readers wait
   * @param pause waits a moment, as often as {@link latePauses} says, before late tasks begin
   * @returns undefined when nothing is left
   * @throws the signal's reason
   */
  async next(
    wanted: () => readonly ByteRange[],
    most: number,
    onlyWanted: () => boolean,
    pause: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<Task | undefined> {
    for (let pauses = 0; ;) {
      signal.throwIfAborted()
      const free = most - [...this.#active].filter(({ kind }) => kind === 'fetch').length
      const pieces =
        free > 0 ? this.#pieces.filter((piece) => !this.#isUnderWay(piece)) : this.#pieces
      const ranges = wanted()
      const late = this.#lateToo ? this.#spans[0] : undefined
      const found =
        nextTask(this.#spans, pieces, ranges, { free, most, opening: this.#opening() }) ??
        (late && { kind: 'open', span: late })
      const task = this.#active.size < most + plansAhead ? found : undefined
      const waits = onlyWanted() && [...this.#active].some((one) => isWanted(one, ranges))
      if (task && !(waits && !isWanted(task, ranges))) {
        this.#active.add(task)
        if (task.kind === 'open') this.#spans = this.#spans.filter((span) => span !== task.span)
        else this.#pieces = this.#pieces.filter((piece) => piece !== task.piece)
        return task
      }
      if (this.#active.size > 0) await this.#changed
      else if (this.#spans.length === 0) return undefined
      else {
        await pause()
        pauses += 1
        this.#lateToo ||= pauses === latePauses
      }
    }
  }

  /** Whether a byte is in a range that is being requested, or will be. */
  opens(position: number): boolean {
    return [...this.#spans.map(({ range }) => range), ...this.#opening()].some(
      ({ start, end }) => start <= position && position < end,
    )
  }

  #opening(): ByteRange[] {
    return [...this.#active].flatMap((task) => (task.kind === 'open' ? task.span.range : []))
  }

  done(task: Task): void {
    this.#active.delete(task)
    this.wake()
  }

  #isUnderWay(piece: Piece): boolean {
    return [...this.#active].some(
      (task) => task.kind === 'fetch' && fetchesSameBytes(piece, task.piece),
    )
  }

  /** Wakes all waiting connections. */
  wake(): void {
    this.#wake()
    this.#changed = new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

function offsetOf({ runs }: Piece): number {
  return runs[0]?.offset ?? 0
}

/**
 * The pieces to fetch for a block: one per descriptor with a run that is not completely committed.
 *
 * @returns pieces in file order
 */
export function piecesOf(
  span: Span,
  block: Pick<Block, 'runs' | 'descriptors'>,
  held: ByteSet,
): Piece[] {
  const { start, end } = span.range
  const wanted = new Set(
    block.runs.filter(
      ({ chunks, offset, length }) =>
        // A chunk belongs to the range in which it begins.
        (offset >= start || chunks.end - chunks.start > 1) &&
        !held.covers({ start: Math.max(start, offset), end: Math.min(end, offset + length) }),
    ),
  )
  return block.descriptors
    .map((descriptor) => {
      const runs = [...wanted].filter(
        ({ xorb, chunks }) =>
          xorb === descriptor.xorb &&
          chunks.start >= descriptor.chunks.start &&
          chunks.end <= descriptor.chunks.end,
      )
      // Descriptors may overlap; runs in two of them are fetched once.
      for (const run of runs) wanted.delete(run)
      return { span, descriptor, runs }
    })
    .filter(({ runs }) => runs.length > 0)
    .toSorted((a, b) => firstOffset(a) - firstOffset(b))
}

function firstOffset({ runs }: Piece): number {
  return Math.min(...runs.map(({ offset }) => offset))
}

/** The intersection of two ranges; its end is before its start if they are disjoint. */
export function common(a: ByteRange, b: ByteRange): ByteRange {
  return { start: Math.max(a.start, b.start), end: Math.min(a.end, b.end) }
}

const mebi = 2 ** 20

/** Longest range of one reconstruction request: limits the size of the record and the age of the URLs. */
export const maxBlock: number = 256 * mebi

/** Splits `range` into ranges of `step` bytes; the last one may be shorter. */
export function cut(range: ByteRange, step: number): ByteRange[] {
  const parts: ByteRange[] = []
  for (let start = range.start; start < range.end; start += step)
    parts.push({ start, end: Math.min(range.end, start + step) })
  return parts
}

/** The initial blocks of a file. */
export function firstBlocks(size: number): ByteRange[] {
  return cut({ start: 0, end: size }, maxBlock)
}
