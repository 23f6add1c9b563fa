import { type ByteRange, ByteSet, overlaps } from '../core/index.ts'
import { steerMs, Steering } from './bandwidth.ts'
import { openRelief, plainBlocks, xetBlocks, type BlockSource } from './blocks.ts'
import { Dividing, shareXorb, splitSpan, Underway } from './division.ts'
import { Confirmations, isMisplaced, openHalves, contradiction } from './reconstruction-check.ts'
import { loadPiece } from './load-piece.ts'
import { mostTries, RepairLimit } from './fallback.ts'
import {
  firstBlocks,
  isWanted,
  piecesOf,
  plansAhead,
  TaskQueue,
  type Piece,
  type Span,
} from './plan.ts'
import { mostCompared } from './proof.ts'
import { fit, moveChunks, reuseChunks, withoutCopies } from './reuse.ts'
import { type JournalRun, type PartialFile, rangeOf } from '../store/index.ts'
import type { FileInfo } from '../data/index.ts'
import type { AskOptions, Block } from '../reconstruction/index.ts'
import type { ChunkVerifier } from './chunk-verifier.ts'
import type { DownloadOptions, DownloadTools, Wanted } from './file-source.ts'
import type { Waiting } from '../net/index.ts'

/** A piece with more places in the file is not ended early. */
const mostPlaces = 4

/** The download that a {@link BlockDownload} belongs to. */
interface BlockContext {
  readonly tools: DownloadTools
  readonly info: FileInfo
  readonly authorization: DownloadOptions['authorization']
  readonly verifier: ChunkVerifier
  /** Ranges that must arrive before readers can go on, the most urgent first. */
  readonly wanted: () => readonly Wanted[]
  readonly waiting: Waiting
  readonly report: () => void
  /** Receives the number of bytes as they arrive. */
  readonly arrived: (bytes: number) => void
  /** Removes runs. @returns the removed ranges */
  readonly drop: (file: PartialFile, isBad: (run: JournalRun) => boolean) => Promise<ByteRange[]>
}

/**
 * Fetches a file block by block over several connections: requests what is missing, copies chunks that are on the
 * device, compares xorbs with their hashes, and fetches damaged ones again.
 */
export class BlockDownload {
  readonly #context: BlockContext
  readonly #queue: TaskQueue
  readonly repairs: RepairLimit
  /** Pieces that are being fetched, in the order of their begin. */
  readonly #fetching = new Map<Piece, Underway>()
  readonly #steering = new Steering()
  readonly #dividing = new Dividing()
  #received = 0
  #blocks: BlockSource
  #unmapped: number
  /** Bytes that were copied on the device. */
  reused = 0
  readonly #confirmations: Confirmations
  /** Reconstructions that earlier downloads have recorded; empty once they are counted. */
  #recorded: Promise<Block[]> | undefined
  /** Whether the reconstructions of the file were asked for again. */
  #reconsidered = false
  /** Whether that has not helped. */
  #misplaced = false
  /** Ends the present connections. */
  #stop = new AbortController()

  constructor(context: BlockContext) {
    const { info, tools, verifier } = context
    this.#context = context
    this.#blocks = plainBlocks(info, context.authorization)
    if (info.xetHash !== undefined) this.move(info)
    this.#queue = new TaskQueue(firstBlocks(info.size))
    this.repairs = new RepairLimit(info.url)
    this.#unmapped = this.#queue.spans.length
    this.#confirmations = new Confirmations(context, this.#queue, async (range, signal) => {
      const { authorization, report } = context
      const block = await this.#blocks.open(range, { authorization, signal })
      if (signal.aborted) return
      if (!this.#agrees(block)) this.#stop.abort(contradiction(info.url))
      this.#queue.wake()
      report()
    })
    verifier.mapped = this.#unmapped === 0
    if (tools.reconstructions.doubted.has(info.content)) verifier.reconstructions.doubt()
  }

  /** Pieces that are being fetched, or will be. */
  get pieces(): readonly Piece[] {
    return [...this.#fetching.keys(), ...this.#queue.pieces]
  }

  get fetching(): Iterable<Piece> {
    return this.#fetching.keys()
  }

  /** The hub has named another location of the file in the CAS. */
  move(info: FileInfo): void {
    this.#blocks = xetBlocks(info, this.#context.tools.reconstructions)
  }

  /** Plans what is missing again. */
  replan(): void {
    const { verifier, info } = this.#context
    this.#queue.replace(verifier.held.missing({ start: 0, end: info.size }))
  }

  /** Adds ranges that the device has lost: readers may have got them already, so they come last. */
  addLost(ranges: readonly ByteRange[]): void {
    this.#queue.addSpans(ranges, this.#context.verifier.held, true)
  }

  /**
   * Runs all connections until no task is left, or one of them fails permanently. Reconstructions that contradict each other are
   * asked for again, once.
   */
  async run(file: PartialFile, signal: AbortSignal): Promise<void> {
    try {
      await this.#run(file, signal)
    } catch (error) {
      if (!isMisplaced(error) || this.#misplaced) throw error
      await this.reconsider(file, signal)
      await this.#run(file, signal)
    }
  }

  /**
   * Requests the reconstruction of the whole file again, in other ranges, and moves committed chunks to the places
   * that it names. If that is not possible, the CAS is not used for this file any more.
   *
   * @returns whether there is more to fetch
   */
  async reconsider(file: PartialFile, signal: AbortSignal): Promise<boolean> {
    const { info, verifier, tools, drop } = this.#context
    if (info.xetHash === undefined || this.#reconsidered) return false
    this.#reconsidered = true
    tools.reconstructions.doubted.add(info.content)
    try {
      await tools.reconstructions.forget(info.content)
      const open = (range: ByteRange): Promise<Block> => this.#blocks.open(range, this.#ask(signal))
      verifier.replaceReconstructions(await openHalves(open, info.size))
    } catch {
      signal.throwIfAborted()
      this.#giveUp()
      return true
    }
    this.#unmapped = 0
    await moveChunks(verifier, file, { ...tools, signal, drop: (isBad) => drop(file, isBad) })
    this.replan()
    return true
  }

  #giveUp(): void {
    this.#misplaced = true
    this.#context.tools.reconstructions.distrusted.add(this.#context.info.content)
  }

  async #run(file: PartialFile, signal: AbortSignal): Promise<void> {
    if (this.#misplaced) throw contradiction(this.#context.info.url)
    const stop = (this.#stop = new AbortController())
    const either = AbortSignal.any([signal, stop.signal])
    const work = Array.from({ length: this.#context.tools.connections + plansAhead }, async () => {
      try {
        await this.#work(file, either)
      } catch (error) {
        stop.abort(error)
        this.#queue.wake()
      }
    })
    await Promise.all(work)
    signal.throwIfAborted()
    stop.signal.throwIfAborted()
    stop.abort()
  }

  async #work(file: PartialFile, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { wanted, tools } = this.#context
      const onlyUrgent = (): boolean => this.#steering.onlyUrgent
      const pause = (): Promise<void> => tools.net.clock.sleep(steerMs, signal)
      const task = await this.#queue.next(wanted, tools.connections, onlyUrgent, pause, signal)
      if (task === undefined) return
      this.#confirmations.ask(this.#stop.signal)
      try {
        if (task.kind === 'open') await this.#open(task.span, file, signal)
        else await this.#load(task.piece, file, signal)
      } finally {
        this.#queue.done(task)
      }
    }
  }

  async #open(span: Span, file: PartialFile, signal: AbortSignal): Promise<void> {
    const { info, tools, verifier } = this.#context
    this.#recorded ??= tools.reconstructions.recorded(info.content)
    const block = await openRelief(span, signal, this.#ask(signal), this.#blocks)
    if (block === undefined) return
    span.block = block
    span.progressGeneration = block.generation
    const recorded = (await this.#recorded).splice(0)
    if (!this.#agrees(...recorded, block)) throw contradiction(info.url)
    verifier.expect(block.runs)
    for (const descriptor of block.descriptors) verifier.locate(descriptor)
    // Damaged bytes may have been copied from another file on the device: the next time they are fetched.
    if (!this.repairs.any)
      this.reused += await reuseChunks(block, verifier, file, { ...tools, signal })
    const { held } = verifier
    const [wanted] = this.#context.wanted().filter((range) => overlaps(range, span.range))
    const { connections, net } = tools
    const { fastestMs } = net.backoff
    const narrow = span.first
      ? shareXorb(block, this.#blocks.narrow(block, connections, fastestMs), wanted, connections)
      : undefined
    const parts = this.#blocks.splits ? splitSpan(block, held, narrow) : undefined
    if (parts) this.#queue.addSpans(parts, held)
    else this.#queue.addPieces(piecesOf(span, block, held))
    if (span.first) this.#unmapped -= 1
    verifier.mapped = this.#unmapped === 0
    // Once all blocks are known, committed bytes can be judged.
    if (span.first && verifier.mapped)
      for (const each of new Set(verifier.runs.map(({ xorb }) => xorb)))
        await this.#judge(each, file)
    this.#context.report()
  }

  async #load(piece: Piece, file: PartialFile, signal: AbortSignal): Promise<void> {
    const underway = new Underway()
    this.#fetching.set(piece, underway)
    try {
      const { info, tools, verifier, drop, report } = this.#context
      const copying = { hasher: tools.hasher, signal, copies: !this.repairs.any }
      const left = await withoutCopies(piece, verifier, file, copying)
      const rest =
        left &&
        (await loadPiece(left, {
          tools,
          blocks: this.#blocks,
          ask: this.#ask(signal),
          signal,
          underway,
          file,
          held: verifier.held,
          located: (descriptor, total) => verifier.locate(descriptor, total),
          committed: (run) => {
            verifier.add(run)
            report()
          },
          withdraw: async (runs) => void (await drop(file, (run) => runs.includes(run))),
          relocated: (wrong) => {
            for (const range of wrong) verifier.distrust(range)
            const isWrong = (run: JournalRun): boolean =>
              wrong.some((range) => overlaps(range, rangeOf(run)))
            return this.#fetchAgain(file, isWrong)
          },
          most: mostTries(this.#context.info),
          waiting: this.#context.waiting,
          arrived: (bytes) => {
            this.#received += bytes
            // Before the report: it wakes the readers of this realm, which then do not count as waiting.
            this.#steer(piece.descriptor.url)
            this.#context.arrived(bytes)
          },
        }))
      await this.#judge(piece.descriptor.xorb, file)
      if (info.sha256 === undefined || info.size > mostCompared) verifier.settle(info.xetHash)
      if (rest) this.#queue.addSpans(rest, verifier.held)
    } finally {
      this.#fetching.delete(piece)
      this.#context.report()
    }
  }

  /** @returns false the first time that a reconstruction contradicts another one, or what is committed */
  #agrees(...blocks: readonly Block[]): boolean {
    const { verifier, info } = this.#context
    if (info.xetHash === undefined) return true
    const fits = fit(verifier.runs, blocks)
    const agree = blocks.every((block) => verifier.addReconstruction(block))
    return (agree && fits) || this.#reconsidered
  }

  /**
   * Lets idle connections fetch a part of what another one still has to fetch, and ends connections early whose bytes
   * no reader waits for, if urgent ones need the line.
   */
  #steer(url: string): void {
    const { net, connections } = this.#context.tools
    const line = { now: net.clock.now(), received: this.#received }
    const idle = (): number =>
      this.#queue.isDrained ? Math.min(connections - this.#fetching.size, net.backoff.free(url)) : 0
    const found = this.#blocks.expires && this.#dividing.relief(this.#fetching, idle, line.now)
    if (found) this.#queue.relieve(found.relief, found.ranges)
    if (!this.#blocks.splits || !this.#steering.isDue(line.now)) return
    this.#confirmations.ask(this.#stop.signal)
    const wanted = this.#context.wanted()
    const isUrgent = (piece: Piece): boolean => isWanted({ kind: 'fetch', piece }, wanted)
    // The rest of a piece with many places would need many requests.
    const others = [...this.#fetching].filter(
      ([piece]) => !isUrgent(piece) && piece.runs.length <= mostPlaces,
    )
    const queued =
      this.#queue.pieces.filter(isUrgent).length +
      this.#queue.spans.filter((span) => isWanted({ kind: 'open', span }, wanted)).length
    const urgent = [...this.#fetching.keys()].filter(isUrgent).length
    // Readers may wait for bytes that no single task brings, such as the end of the file.
    const other = urgent + queued > 0 ? others.length : 0
    const ends = this.#steering.next({ ...line, urgent, other, queued })
    if (ends > 0) for (const [, one] of others.slice(-ends)) one.early.abort()
    this.#queue.wake()
  }

  async #judge(xorb: string, file: PartialFile): Promise<void> {
    if (this.#context.info.xetHash === undefined) this.#context.verifier.acceptAll()
    else if (this.#context.verifier.judge(xorb) === 'damaged') await this.refetchDamaged(file, xorb)
  }

  /**
   * Removes damaged runs and adds them to the queue again.
   *
   * @param xorb the damaged one; '' when it is unknown: if all xorbs are proven, the reconstruction is wrong
   */
  async refetchDamaged(file: PartialFile, xorb: string): Promise<void> {
    this.repairs.count(xorb)
    const isBad = (run: JournalRun): boolean =>
      (xorb === '' || run.xorb === xorb) && !this.#context.verifier.agrees(run)
    if (xorb === '' && !this.#context.verifier.runs.some(isBad)) this.#giveUp()
    await this.#fetchAgain(file, isBad)
  }

  async #fetchAgain(file: PartialFile, isBad: (run: JournalRun) => boolean): Promise<void> {
    const { drop, verifier } = this.#context
    // Adjacent runs are fetched again by one request.
    const { ranges } = new ByteSet(await drop(file, isBad))
    this.#queue.addSpans(
      ranges.flatMap((range) => verifier.held.missing(range)),
      verifier.held,
    )
  }

  #ask(signal: AbortSignal): AskOptions {
    const { authorization, waiting } = this.#context
    return { authorization, signal, waiting }
  }
}
