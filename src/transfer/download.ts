import { type ByteRange, ByteSet, FerryError, overlaps } from '../core/index.ts'
import { TransferMeter } from './bandwidth.ts'
import type { Waiting } from '../net/index.ts'
import { plainBlocks, xetBlocks, type BlockSource } from './blocks.ts'
import { sliceLength } from './decoders.ts'
import { loadPiece } from './load-piece.ts'
import { Outage, fetchWithFallback, mostTries, RepairLimit } from './fallback.ts'
import { fetchPlain } from './plain-fetch.ts'
import {
  firstBlocks,
  firstDeadline,
  piecesOf,
  placesOf,
  splitSpan,
  TaskQueue,
  type Piece,
  type Span,
} from './plan.ts'
import { ChunkVerifier, rangeOf } from './chunk-verifier.ts'
import { proveFile } from './proof.ts'
import { reuseChunks, withoutCopies } from './reuse.ts'
import type { FileInfo } from '../protocol/index.ts'
import type { AskOptions } from '../reconstruction/index.ts'
import type { JournalRun, PartialFile, Proof } from '../store/index.ts'
import type { DownloadOptions, DownloadTools } from './file-source.ts'

/**
 * Downloads one file: requests its blocks, fetches pieces over several connections, writes, verifies, finishes. Runs
 * under the file's lock; committed bytes are kept when it ends early.
 */
export class Download {
  readonly #tools: DownloadTools
  readonly #info: FileInfo
  readonly #options: DownloadOptions
  #blocks: BlockSource
  readonly #verifier: ChunkVerifier
  readonly #meter: TransferMeter
  readonly #queue: TaskQueue
  readonly #repairs: RepairLimit
  readonly #fetching = new Set<Piece>()
  #file: PartialFile | undefined
  #unmapped: number
  #reused = 0
  #recalled: readonly ByteRange[] = []
  #losses = 0
  /** Ranges that were committed at the start: the realm that fetched them may have delivered them to readers that still exist. */
  #inherited: readonly ByteRange[] = []
  readonly #name = crypto.randomUUID()
  /** Whether ranges of the file's own URL may be requested. */
  #ranges: boolean
  #sequential: boolean
  /** Whether the file's own URL was used after the CAS failed. */
  #passedBy = false
  /** Why the file's own URL is tried; told when bytes arrive from it. */
  readonly #untold: unknown[] = []

  constructor(tools: DownloadTools, info: FileInfo, options: DownloadOptions) {
    const { url, size, xetHash } = info
    this.#tools = tools
    this.#info = info
    this.#options = options
    this.#blocks =
      xetHash === undefined
        ? plainBlocks(info, options.authorization)
        : xetBlocks(info, tools.reconstructions)
    this.#verifier = new ChunkVerifier(size, tools.hasher)
    this.#meter = new TransferMeter(() => tools.net.clock.now())
    this.#queue = new TaskQueue(firstBlocks(size))
    this.#repairs = new RepairLimit(url)
    this.#unmapped = this.#queue.spans.length
    this.#verifier.mapped = this.#unmapped === 0
    this.#ranges = xetHash !== undefined || info.ranges === true
    this.#sequential = xetHash === undefined && !(this.#ranges && info.sha256 !== undefined)
  }

  /**
   * @param signal aborts it; committed pieces stay
   * @throws FerryError `expired-url`, `integrity`, `quota`, `superseded`, `network` and refusals of the hub;
   *   the signal's reason
   */
  async run(signal: AbortSignal): Promise<void> {
    const { store, reconstructions } = this.#tools
    const { content, size } = this.#info
    const file = await store.begin(content, size, { signal, lost: () => this.#lose() })
    this.#file = file
    try {
      for (const run of file.committed) this.#verifier.add(run)
      this.#inherited = new ByteSet(file.committed.map(rangeOf)).ranges
      this.#report()
      for (;;) {
        const losses = this.#losses
        await this.#fetchAll(file, signal)
        try {
          const proof = await proveFile(this.#info, this.#verifier, file)
          if (proof !== undefined) return await this.#finish(file, proof)
        } catch (error) {
          if (this.#losses === losses) throw error
        }
        if (this.#losses > losses) continue
        if (this.#passedBy) throw this.#repairs.exceeded()
        // Parallel ranges of a plain server contradicted each other.
        this.#ranges = false
        this.#sequential ||= this.#info.xetHash === undefined
        await this.#heal(file, '')
      }
    } catch (error) {
      if (error instanceof FerryError && error.code === 'integrity') {
        await file.discard()
        await reconstructions.forget(content)
      }
      throw error
    } finally {
      this.#file = undefined
      await file.close()
    }
  }

  async #finish(file: PartialFile, proof: Proof): Promise<void> {
    try {
      await file.finish(proof)
    } catch (error) {
      if (!(error instanceof FerryError && error.code === 'quota')) throw error
      // All bytes are written and proven; there is only no room to say so. Readers get them.
      this.#options.unkept?.(error)
    }
  }

  /** The device's storage was emptied: what could not be written again has to be fetched again. */
  #lose(): void {
    this.#losses += 1
    const lost = this.#verifier.lose(this.#file?.committed ?? [])
    this.#queue.addSpans(new ByteSet(lost.map(rangeOf)).ranges, this.#verifier.held)
    this.#report()
  }

  /** Committed bytes; undefined before the file is open and after it is closed. */
  async read(range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#file?.read(range)
  }

  async #fetchAll(file: PartialFile, signal: AbortSignal): Promise<void> {
    if (this.#sequential) return await this.#fetchPlain(file, signal)
    const { askAgain } = this.#options
    const way = await fetchWithFallback({
      info: this.#info,
      signal,
      outage: new Outage(this.#tools, { signal, waiting: this.#waiting }),
      held: () => this.#verifier.held.size,
      byBlocks: () => this.#drain(file, signal),
      byOwnUrl: async (ranges) => {
        this.#ranges &&= ranges
        await this.#fetchPlain(file, signal)
      },
      askAgain: async () => await askAgain?.(signal),
      moved: (info) => {
        this.#blocks = xetBlocks(info, this.#tools.reconstructions)
      },
      passBy: async (reason, first) => {
        if (first) this.#untold.push(reason)
        if (reason instanceof FerryError && reason.code === 'integrity')
          await this.#drop(file, (run) => !this.#verifier.agrees(run))
      },
      replan: () =>
        this.#queue.replace(this.#verifier.held.missing({ start: 0, end: this.#info.size })),
    })
    this.#sequential ||= way === 'sequence'
    this.#passedBy ||= way === 'own-url'
  }

  #wanted = (): readonly ByteRange[] =>
    this.#options.wanted().flatMap((range) => [range, ...this.#verifier.needed(range.start)])

  #waiting: Waiting = (...wait) => this.#options.waiting?.(...wait)

  async #fetchPlain(file: PartialFile, signal: AbortSignal): Promise<void> {
    const { authorization, passingBy } = this.#options
    const info = this.#info
    const verifier = this.#verifier
    const untold = this.#untold
    verifier.lastRunStart = Math.max(verifier.lastRunStart ?? 0, info.size - sliceLength, 0)
    await fetchPlain({
      tools: this.#tools,
      info,
      authorization,
      ranges: this.#ranges,
      signal,
      get most() {
        return mostTries(info, untold.at(-1))
      },
      file,
      verifier,
      waiting: this.#waiting,
      committed: (run) => {
        verifier.add(run)
        // Bytes of a Xet file are delivered only when a xorb's hash or the SHA-256 of the whole file has proven them.
        if (info.xetHash === undefined) verifier.releaseAll()
        this.#report()
      },
      arrived: (bytes) => {
        for (const reason of untold.splice(0)) passingBy?.(reason)
        this.#meter.arrived(bytes)
        this.#report()
      },
      restart: () => this.#drop(file, () => true),
    })
  }

  /** Runs all connections until no task is left, or one of them fails permanently. */
  async #drain(file: PartialFile, signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])
    const work = Array.from({ length: this.#tools.connections }, async () => {
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
  }

  async #work(file: PartialFile, signal: AbortSignal): Promise<void> {
    for (;;) {
      const task = await this.#queue.next(this.#wanted, signal)
      if (task === undefined) return
      try {
        if (task.kind === 'open') await this.#open(task.span, file, signal)
        else await this.#load(task.piece, file, signal)
      } finally {
        this.#queue.done(task)
      }
    }
  }

  async #open(span: Span, file: PartialFile, signal: AbortSignal): Promise<void> {
    const block = await this.#blocks.open(span.range, this.#ask(signal))
    span.block = block
    span.good = block.generation
    this.#verifier.expect(block.runs)
    for (const descriptor of block.descriptors) this.#verifier.locate(descriptor)
    // Damaged bytes may have been copied from another file on the device: the next time they are fetched.
    if (!this.#repairs.any)
      this.#reused += await reuseChunks(block, this.#verifier, file, { ...this.#tools, signal })
    const { held } = this.#verifier
    const narrow = span.first ? this.#blocks.narrow(block, this.#tools.connections) : undefined
    const parts = this.#blocks.splits ? splitSpan(block, held, narrow) : undefined
    if (parts) this.#queue.addSpans(parts, held)
    else this.#queue.addPieces(piecesOf(span, block, held))
    if (span.first) this.#unmapped -= 1
    this.#verifier.mapped = this.#unmapped === 0
    // Once all blocks are known, committed bytes can be judged.
    if (span.first && this.#verifier.mapped)
      for (const xorb of new Set(this.#verifier.runs.map((run) => run.xorb)))
        await this.#judge(xorb, file)
    this.#report()
  }

  async #load(piece: Piece, file: PartialFile, signal: AbortSignal): Promise<void> {
    this.#fetching.add(piece)
    try {
      const { hasher } = this.#tools
      const tools = { hasher, signal, copies: !this.#repairs.any }
      const left = await withoutCopies(piece, this.#verifier, file, tools)
      const rest = left && (await this.#fetch(left, file, signal))
      await this.#judge(piece.descriptor.xorb, file)
      if (rest) this.#queue.addSpans(rest, this.#verifier.held)
    } finally {
      this.#fetching.delete(piece)
      this.#report()
    }
  }

  /** @returns ranges that are still missing */
  async #fetch(piece: Piece, file: PartialFile, signal: AbortSignal): Promise<ByteRange[]> {
    return await loadPiece(piece, {
      tools: this.#tools,
      blocks: this.#blocks,
      ask: this.#ask(signal),
      signal,
      file,
      held: this.#verifier.held,
      located: (descriptor, total) => this.#verifier.locate(descriptor, total),
      committed: (run) => {
        this.#verifier.add(run)
        this.#report()
      },
      withdraw: async (runs) => {
        await this.#drop(file, (run) => runs.includes(run))
      },
      replanned: (wrong) =>
        this.#fetchAgain(file, (run) => wrong.some((range) => overlaps(range, rangeOf(run)))),
      most: mostTries(this.#info),
      waiting: this.#waiting,
      arrived: (bytes) => {
        this.#meter.arrived(bytes)
        this.#report()
      },
    })
  }

  async #judge(xorb: string, file: PartialFile): Promise<void> {
    if (this.#info.xetHash === undefined) this.#verifier.releaseAll()
    else if (this.#verifier.judge(xorb) === 'damaged') await this.#heal(file, xorb)
  }

  /**
   * Removes damaged runs and adds them to the queue again.
   *
   * @param xorb the damaged one; '' when it is unknown
   */
  async #heal(file: PartialFile, xorb: string): Promise<void> {
    this.#repairs.count(xorb)
    const isBad = (run: JournalRun): boolean =>
      (xorb === '' || run.xorb === xorb) && !this.#verifier.agrees(run)
    await this.#fetchAgain(file, isBad)
  }

  async #fetchAgain(file: PartialFile, isBad: (run: JournalRun) => boolean): Promise<void> {
    const ranges = await this.#drop(file, isBad)
    // Adjacent runs are fetched again by one request.
    this.#queue.addSpans(
      new ByteSet(ranges).ranges.flatMap((range) => this.#verifier.held.missing(range)),
      this.#verifier.held,
    )
  }

  /** @returns the removed ranges */
  async #drop(file: PartialFile, isBad: (run: JournalRun) => boolean): Promise<ByteRange[]> {
    const given = [...this.#verifier.leaving, ...this.#inherited]
    const bad = this.#verifier.drop(isBad)
    const ranges = bad.map(rangeOf)
    const recalled = ranges.filter((range) => given.some((other) => overlaps(range, other)))
    this.#recalled = [...this.#recalled, ...recalled]
    // Readers are notified before the bytes are removed.
    this.#report()
    for (const run of bad) await file.drop(run)
    return ranges
  }

  #report(): void {
    const { held } = this.#verifier
    const deadline = firstDeadline([...this.#fetching, ...this.#queue.pieces])
    this.#options.report({
      held: held.size,
      ...(this.#file !== undefined && { place: this.#file.place }),
      committed: held.ranges,
      releasable: this.#verifier.leaving,
      proven: this.#verifier.proven.ranges,
      inFlight: placesOf(this.#fetching),
      fetched: this.#meter.total,
      reused: this.#reused,
      recalled: [...this.#recalled, ...this.#verifier.changed],
      transfer: this.#name,
      inherited: this.#inherited,
      bytesPerSecond: this.#meter.bytesPerSecond,
      ...(deadline !== undefined && { deadline }),
    })
  }

  #ask(signal: AbortSignal): AskOptions {
    const { authorization, waiting } = this.#options
    return { authorization, signal, waiting }
  }
}
