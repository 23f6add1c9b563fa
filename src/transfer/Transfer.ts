import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import { retryDelay } from '../net/retryDelay.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { Descriptor } from '../reconstruction/Descriptor.ts'
import type { JournalRun } from '../store/JournalRun.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import { afterFailure } from './afterFailure.ts'
import type { BlockSource } from './BlockSource.ts'
import { fetchPiece } from './fetchPiece.ts'
import { Ledger } from './Ledger.ts'
import { nextTask } from './nextTask.ts'
import type { Piece } from './Piece.ts'
import { piecesOf } from './piecesOf.ts'
import { plainBlocks } from './plainBlocks.ts'
import { firstBlocks } from './planBlocks.ts'
import { proveFile } from './proveFile.ts'
import { reuseChunks } from './reuseChunks.ts'
import { runLength } from './runLength.ts'
import { RunWriter } from './RunWriter.ts'
import type { Span } from './Span.ts'
import { TransferMeter } from './TransferMeter.ts'
import type { TransferTools } from './TransferTools.ts'
import type { TransferView } from './TransferView.ts'
import { xetBlocks } from './xetBlocks.ts'

/** What a transfer is told and whom it tells. */
export interface TransferOptions {
  readonly authorization?: string | undefined
  /** Stretches that readers wait for, the most urgent first; asked before every choice. */
  readonly wanted: () => readonly ByteRange[]
  /** Called after everything that changes the view. */
  readonly report: (view: TransferView) => void
}

/** Times the same bytes may turn out wrong before the file is given up. */
const healings = 3

/**
 * Brings one file onto the device: asks for its blocks, fetches pieces over several connections, writes,
 * proves, finishes. Runs under the file's lock; what is committed when it ends early is kept.
 */
export class Transfer {
  readonly #tools: TransferTools
  readonly #info: FileInfo
  readonly #options: TransferOptions
  readonly #blocks: BlockSource
  readonly #ledger: Ledger
  readonly #meter: TransferMeter
  #file!: PartialFile
  #spans: Span[]
  #pieces: Piece[] = []
  readonly #fetching = new Set<Piece>()
  #closed = false
  #unmapped: number
  #active = 0
  #wake: () => void = () => undefined
  #changed: Promise<void> = Promise.resolve()
  #healed = 0
  #reused = 0
  #recalled: number | undefined

  constructor(tools: TransferTools, info: FileInfo, options: TransferOptions) {
    this.#tools = tools
    this.#info = info
    this.#options = options
    this.#blocks =
      info.xetHash === undefined
        ? plainBlocks(info, options.authorization)
        : xetBlocks(info, tools.reconstructions)
    this.#ledger = new Ledger(info.size, tools.hasher)
    this.#meter = new TransferMeter(() => tools.net.clock.now())
    this.#spans = firstBlocks(info.size).map((range) => newSpan(range, true))
    this.#unmapped = this.#spans.length
    this.#ledger.mapped = this.#unmapped === 0
    this.#rearm()
  }

  /**
   * @param signal ends it; committed pieces stay
   * @throws FerryError `expired-url`, `integrity`, `quota`, `superseded`, `network` and what the hub said;
   *   the signal's reason
   */
  async run(signal: AbortSignal): Promise<void> {
    const { store, reconstructions } = this.#tools
    const { content, size } = this.#info
    this.#file = await store.begin(content, size, { signal })
    try {
      for (const run of this.#file.committed) this.#ledger.add(run)
      this.#report()
      for (;;) {
        await this.#drain(signal)
        const proof = await proveFile(this.#info, this.#ledger, this.#file)
        if (proof !== undefined) {
          this.#closed = true
          await this.#file.finish(proof)
          return
        }
        await this.#heal((run) => !this.#ledger.isProven(run.xorb))
      }
    } catch (error) {
      if (error instanceof FerryError && error.code === 'integrity') {
        await this.#file.discard()
        await reconstructions.forget(content)
      }
      throw error
    } finally {
      this.#closed = true
      await this.#file.close()
    }
  }

  /** Bytes that are committed; undefined once the file is closed. */
  async read(range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#closed ? undefined : await this.#file.read(range)
  }

  /** Works with all connections until nothing is left to do, or one of them fails for good. */
  async #drain(signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])
    const work = Array.from({ length: this.#tools.connections }, async () => {
      try {
        await this.#work(either)
      } catch (error) {
        stop.abort(error)
        this.#notify()
        throw error
      }
    })
    await Promise.allSettled(work)
    signal.throwIfAborted()
    if (stop.signal.aborted) throw stop.signal.reason
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const task = nextTask(this.#spans, this.#pieces, this.#options.wanted())
      if (task === undefined) {
        if (this.#active === 0) return this.#notify()
        await this.#changed
        continue
      }
      this.#active += 1
      try {
        if (task.kind === 'open') await this.#open(task.span, signal)
        else await this.#load(task.piece, signal)
      } finally {
        this.#active -= 1
        this.#notify()
      }
    }
  }

  async #open(span: Span, signal: AbortSignal): Promise<void> {
    this.#spans = this.#spans.filter((other) => other !== span)
    const block = await this.#blocks.open(span.range, this.#ask(signal))
    span.block = block
    span.good = block.generation
    span.tried = block.generation - 1
    this.#ledger.expect(block.runs)
    const reused = await reuseChunks(block, this.#ledger, this.#file, this.#tools)
    this.#reused += reused
    const gaps = reused > 0 ? this.#ledger.held.missing(span.range) : undefined
    const narrow =
      gaps ?? (span.first ? this.#blocks.narrow(block, this.#tools.connections) : undefined)
    if (narrow) this.#addSpans(narrow)
    else this.#pieces.push(...piecesOf(span, block, this.#ledger.held))
    if (span.first) await this.#mapped()
    this.#report()
  }

  /** Once the whole file is known, what is already here can be judged. */
  async #mapped(): Promise<void> {
    this.#unmapped -= 1
    if (this.#unmapped > 0) return
    this.#ledger.mapped = true
    for (const xorb of new Set(this.#ledger.runs.map((run) => run.xorb))) await this.#judge(xorb)
  }

  async #load(piece: Piece, signal: AbortSignal): Promise<void> {
    this.#pieces = this.#pieces.filter((other) => other !== piece)
    this.#fetching.add(piece)
    try {
      for (let failures = 0; ;) {
        const descriptor = await this.#descriptor(piece, signal)
        if (descriptor === undefined) return this.#addSpans([piece.span.range])
        const tried = piece.span.block?.generation ?? 0
        try {
          return await this.#fetch(piece, descriptor, signal)
        } catch (error) {
          signal.throwIfAborted()
          failures += 1
          await this.#recover(piece, { error, failures, tried }, signal)
        }
      }
    } finally {
      this.#fetching.delete(piece)
    }
  }

  /** The signed range to ask for, by URLs that are still valid; undefined when the file is made up anew. */
  async #descriptor(
    { span, descriptor }: Piece,
    signal: AbortSignal,
  ): Promise<Descriptor | undefined> {
    const { block } = span
    if (block === undefined) return undefined
    if (span.tried >= block.generation && !this.#blocks.usable(block, this.#tools.net.clock.now()))
      await this.#renew(span, signal)
    span.tried = Math.max(span.tried, span.block?.generation ?? 0)
    return span.block?.descriptors.find(
      ({ xorb, chunks, bytes }) =>
        xorb === descriptor.xorb &&
        chunks.start === descriptor.chunks.start &&
        chunks.end === descriptor.chunks.end &&
        bytes.start === descriptor.bytes.start,
    )
  }

  async #renew(span: Span, signal: AbortSignal): Promise<void> {
    const { block } = span
    if (block === undefined) return
    const renewed = await this.#blocks.renew(block, this.#ask(signal))
    if (renewed.generation > (span.block?.generation ?? 0)) span.block = renewed
    this.#report()
  }

  async #fetch(piece: Piece, descriptor: Descriptor, signal: AbortSignal): Promise<void> {
    const writers = piece.runs.map((run) => new RunWriter(run, this.#file))
    let index = descriptor.chunks.start
    try {
      const total = await fetchPiece(this.#tools.net, {
        url: descriptor.url,
        bytes: descriptor.bytes,
        headers: this.#blocks.headers(descriptor.bytes),
        decoder: this.#blocks.decoder(this.#tools.hasher),
        signal,
        take: async (chunk) => {
          for (const writer of writers) await writer.take(chunk, index)
          index += 1
        },
        arrived: (bytes) => {
          this.#meter.arrived(bytes)
          this.#report()
        },
      })
      this.#ledger.locate(descriptor.xorb, descriptor.bytes, total)
    } catch (error) {
      const [writer] = writers
      if (
        isCut(error, signal) &&
        this.#blocks.splits &&
        writers.length === 1 &&
        writer &&
        writer.taken > 0
      )
        return await this.#keep(piece, writer)
      throw error
    }
    if (index !== descriptor.chunks.end || writers.some(({ run, taken }) => taken !== run.length))
      throw new FerryError(
        'integrity',
        `A part of the file unpacked to ${index - descriptor.chunks.start} chunks of another length than announced; it is fetched again.`,
        { url: descriptor.url, retryable: true },
      )
    for (const writer of writers) await this.#commit(await writer.end())
    piece.span.good = piece.span.block?.generation ?? piece.span.good
    await this.#judge(descriptor.xorb)
    this.#report()
  }

  /** After a cut, what was decoded stays, and a narrower call brings the rest. */
  async #keep({ span }: Piece, writer: RunWriter): Promise<void> {
    const { offset, length } = writer.run
    await this.#commit(await writer.end())
    span.good = span.block?.generation ?? span.good
    this.#addSpans([{ start: offset + writer.taken, end: offset + length }])
  }

  async #commit(run: JournalRun): Promise<void> {
    await this.#file.commit(run)
    this.#ledger.add(run)
  }

  async #recover(
    { span, descriptor }: Piece,
    { error, failures, tried }: { error: unknown; failures: number; tried: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { net, online } = this.#tools
    const { block } = span
    const usable = block === undefined || this.#blocks.usable(block, net.clock.now())
    const next = afterFailure({ error, expires: this.#blocks.expires, nearDeadline: !usable })
    if (next === 'stop') throw error
    if (next === 'renew') {
      if (tried - span.good >= net.retry.renewals)
        throw new FerryError(
          'expired-url',
          `Presigned URLs were refused ${net.retry.renewals + 1} times in a row, although they were renewed in between. Try again later; if it stays so, the storage behind the hub refuses its own signatures.`,
          { url: descriptor.url, retryable: true, cause: error },
        )
      if (tried >= (block?.generation ?? 0)) await this.#renew(span, signal)
      return
    }
    const delay =
      failures < net.retry.attempts
        ? retryDelay(net.retry, { failures, random: net.random() })
        : null
    if (delay === null) throw error
    await net.clock.sleep(delay, signal)
    await online(signal)
  }

  async #judge(xorb: string): Promise<void> {
    if (this.#info.xetHash === undefined) this.#ledger.releaseAll()
    else if (this.#ledger.judge(xorb) === 'damaged') await this.#heal((run) => run.xorb === xorb)
  }

  /** Forgets damaged runs and has them fetched again. */
  async #heal(isBad: (run: JournalRun) => boolean): Promise<void> {
    const given = this.#releasable()
    const bad = this.#ledger.drop(isBad)
    this.#healed += 1
    if (bad.length === 0 || this.#healed > healings)
      throw new FerryError(
        'integrity',
        `The file does not hash to what the hub promised, also after its parts were fetched again. Nothing was kept; the file is damaged where it is stored.`,
        { url: this.#info.url },
      )
    for (const run of bad) {
      await this.#file.drop(run)
      const range = { start: run.offset, end: run.offset + runLength(run.rows) }
      this.#addSpans(this.#ledger.held.missing(range))
      if (given.some(({ start, end }) => start < range.end && range.start < end))
        this.#recalled = Math.min(this.#recalled ?? range.start, range.start)
    }
    this.#report()
  }

  #addSpans(ranges: readonly ByteRange[]): void {
    const here = (range: ByteRange): boolean =>
      this.#ledger.held.covers(range) ||
      this.#spans.some((span) => span.range.start <= range.start && range.end <= span.range.end)
    for (const range of ranges) if (!here(range)) this.#spans.push(newSpan(range, false))
    this.#spans.sort((a, b) => a.range.start - b.range.start)
    this.#notify()
  }

  /** What may leave: the last piece is held back until the whole file is proven. */
  #releasable(): readonly ByteRange[] {
    const lastRun = this.#ledger.lastRunStart ?? this.#info.size - 1
    return this.#ledger.releasable.ranges
      .map(({ start, end }) => ({ start, end: Math.min(end, lastRun) }))
      .filter(({ start, end }) => start < end)
  }

  #report(): void {
    const deadlines = [...this.#fetching, ...this.#pieces].flatMap(({ span: { block } }) =>
      block && block.deadline !== null ? [block.deadline - block.skew] : [],
    )
    this.#options.report({
      held: this.#ledger.held.size,
      committed: this.#ledger.held.ranges,
      releasable: this.#releasable(),
      inFlight: [...this.#fetching].flatMap(({ runs }) =>
        runs.map(({ offset, length }) => ({ start: offset, end: offset + length })),
      ),
      fetched: this.#meter.total,
      reused: this.#reused,
      bytesPerSecond: this.#meter.bytesPerSecond,
      ...(this.#recalled !== undefined && { recalled: this.#recalled }),
      ...(deadlines.length > 0 && { deadline: Math.min(...deadlines) }),
    })
  }

  #ask(signal: AbortSignal): { authorization: string | undefined; signal: AbortSignal } {
    return { authorization: this.#options.authorization, signal }
  }

  #notify(): void {
    this.#wake()
    this.#rearm()
  }

  #rearm(): void {
    this.#changed = new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

function newSpan(range: ByteRange, first: boolean): Span {
  return { range, first, tried: 0, good: 0 }
}

/** Whether the body ended early, be it that the reader wanted so: what came before is sound. */
function isCut(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true
  return (
    error instanceof FerryError && error.retryable && ['network', 'timeout'].includes(error.code)
  )
}
