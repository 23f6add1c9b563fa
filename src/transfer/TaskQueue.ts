import type { ByteRange } from '../core/ByteRange.ts'
import type { ByteSet } from '../core/ByteSet.ts'
import { isTwin } from './isTwin.ts'
import { nextTask, type Task } from './nextTask.ts'
import type { Piece } from './Piece.ts'
import type { Span } from './Span.ts'

/** What is left to do for a file, shared by all its connections. */
export class TaskQueue {
  #spans: Span[]
  #pieces: Piece[] = []
  readonly #active = new Set<Task>()
  #wake: () => void = () => undefined
  #changed: Promise<void> = Promise.resolve()

  /** @param ranges the blocks in which the file is asked for at first */
  constructor(ranges: readonly ByteRange[]) {
    this.#spans = ranges.map((range) => ({ range, first: true, good: 0 }))
    this.wake()
  }

  get spans(): readonly Span[] {
    return this.#spans
  }

  get pieces(): readonly Piece[] {
    return this.#pieces
  }

  /** Adds stretches to ask for, as far as they are neither held nor about to be asked for. */
  addSpans(ranges: readonly ByteRange[], held: ByteSet): void {
    const known = (range: ByteRange): boolean =>
      held.covers(range) ||
      this.#spans.some((span) => span.range.start <= range.start && range.end <= span.range.end)
    for (const range of ranges)
      if (!known(range)) this.#spans.push({ range, first: false, good: 0 })
    this.#spans.sort((a, b) => a.range.start - b.range.start)
    this.wake()
  }

  addPieces(pieces: readonly Piece[]): void {
    this.#pieces = [...this.#pieces, ...pieces].toSorted((a, b) => offsetOf(a) - offsetOf(b))
    this.wake()
  }

  /**
   * Takes what a connection should do next, and waits while others may still find something. What is just
   * being fetched for another place of the file is not fetched beside it: it may be copied afterwards. Every
   * task taken has to be followed by {@link done}.
   *
   * @param wanted stretches that readers wait for, the most urgent first
   * @returns undefined when nothing is left
   * @throws the signal's reason
   */
  async next(wanted: () => readonly ByteRange[], signal: AbortSignal): Promise<Task | undefined> {
    for (;;) {
      signal.throwIfAborted()
      const free = this.#pieces.filter((piece) => !this.#isUnderWay(piece))
      const task = nextTask(this.#spans, free, wanted())
      if (task) {
        this.#active.add(task)
        if (task.kind === 'open') this.#spans = this.#spans.filter((span) => span !== task.span)
        else this.#pieces = this.#pieces.filter((piece) => piece !== task.piece)
        return task
      }
      if (this.#active.size === 0) return undefined
      await this.#changed
    }
  }

  done(task: Task): void {
    this.#active.delete(task)
    this.wake()
  }

  #isUnderWay(piece: Piece): boolean {
    return [...this.#active].some((task) => task.kind === 'fetch' && isTwin(piece, task.piece))
  }

  /** Lets everybody who waits look again. */
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
