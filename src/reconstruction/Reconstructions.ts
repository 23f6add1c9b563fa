import type { ByteRange } from '../core/ByteRange.ts'
import type { Net } from '../net/Net.ts'
import { SharedCalls } from '../net/SharedCalls.ts'
import type { AskOptions } from './AskOptions.ts'
import type { Block } from './Block.ts'
import { fetchReconstruction } from './fetchReconstruction.ts'
import type { CasContext } from './fetchReconstruction.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { findBlock } from './findBlock.ts'
import { isUsable } from './isUsable.ts'
import { ReadTokens } from './ReadTokens.ts'
import type { ReconstructionRecord } from './ReconstructionRecord.ts'
import type { RecordStore } from './RecordStore.ts'
import type { RenewedEvent } from './RenewedEvent.ts'
import { sameRuns } from './sameRuns.ts'
import { withBlock } from './withBlock.ts'
import { withLock } from './withLock.ts'
import type { Locks } from './withLock.ts'

export interface ReconstructionsOptions {
  readonly net: Net
  readonly store: RecordStore
  /** `navigator.locks`; without it, realms may make the same call twice. */
  readonly locks?: Locks
  /** Told of every replacement of a block by a later one. Not called when another realm did it. */
  readonly onEvent?: (event: RenewedEvent) => void
}

/**
 * Where the bytes of a file are: kept, checked before use, and renewed once for everybody.
 *
 * What {@link block} and {@link renew} return has just been checked or fetched: ask each of its URLs once
 * without checking again, whatever the clock says by then, and `isUsable` before later requests. How many
 * renewals without progress are too many is for the caller to count.
 */
export class Reconstructions {
  readonly #options: ReconstructionsOptions
  readonly #cas: CasContext
  readonly #calls = new SharedCalls<Block>()

  constructor(options: ReconstructionsOptions) {
    this.#options = options
    const { net } = options
    this.#cas = { net, tokens: new ReadTokens(net), versions: new Map() }
  }

  /** The record of a file, as it is stored: its URLs may be stale. */
  async record(content: string): Promise<ReconstructionRecord | undefined> {
    return await this.#options.store.get(content)
  }

  /** Keeps what the hub said about a file. */
  async remember(info: FileInfo): Promise<void> {
    const keep = (record?: ReconstructionRecord): ReconstructionRecord => ({
      blocks: record?.blocks ?? [],
      info,
    })
    await this.#options.store.update(info.content, keep)
  }

  /**
   * The block for a range: the stored one while its URLs are usable, else a new one.
   *
   * @param info a file on Xet
   * @param range is cut to the file's end; an empty one is answered without a call
   * @throws FerryError `unauthorized`, `forbidden`, `not-found`, `http`, `protocol`, `network`, `timeout`;
   * the signal's reason. Nothing is stored then.
   * @example await reconstructions.block(info, { start: 0, end: 2 ** 28 }, { authorization, signal })
   */
  async block(info: FileInfo, range: ByteRange, options: AskOptions = {}): Promise<Block> {
    const wanted = { start: range.start, end: Math.min(range.end, info.size) }
    if (wanted.start >= wanted.end) return this.#empty(wanted)
    return await this.#atLeast(1, info, wanted, undefined, options)
  }

  /**
   * The block after one whose URL was refused or that went stale. Everybody who holds the old one gets the
   * same new one: from the record when somebody was faster, else from one call.
   *
   * @param block the one that is of no use any more
   * @throws as {@link block}; the record is then unchanged
   */
  async renew(info: FileInfo, block: Block, options: AskOptions = {}): Promise<Block> {
    if (block.range.start >= block.range.end) return block
    return await this.#atLeast(block.generation + 1, info, block.range, block, options)
  }

  /** Drops all that is known of a file's reconstruction. */
  async forget(content: string): Promise<void> {
    await this.#options.store.remove(content)
  }

  async #atLeast(
    generation: number,
    info: FileInfo,
    range: ByteRange,
    before: Block | undefined,
    options: AskOptions,
  ): Promise<Block> {
    const { authorization, signal, waiting } = options
    const kept = (): Promise<Block | undefined> => this.#kept(info, range, generation)
    const stored = await kept()
    if (stored !== undefined) return stored
    const key = JSON.stringify([info.content, range.start, range.end, authorization])
    const start = (signal: AbortSignal): Promise<Block> =>
      withLock(
        { locks: this.#options.locks, clock: this.#options.net.clock },
        `modelferry:renew:${info.content}:${range.start}`,
        signal,
        async () =>
          (await kept()) ?? this.#replace(info, range, before, { authorization, signal, waiting }),
      )
    const block = await this.#calls.join(key, start, signal)
    // The call that was under way may have been for an older block than ours.
    return block.generation >= generation
      ? block
      : await this.#atLeast(generation, info, range, before, options)
  }

  async #kept(info: FileInfo, range: ByteRange, generation: number): Promise<Block | undefined> {
    const block = findBlock(await this.#options.store.get(info.content), range)
    const usable =
      block !== undefined &&
      block.generation >= generation &&
      isUsable(block, this.#options.net.clock.now())
    return usable ? block : undefined
  }

  async #replace(
    info: FileInfo,
    range: ByteRange,
    held: Block | undefined,
    options: AskOptions,
  ): Promise<Block> {
    const { store, onEvent } = this.#options
    const fresh = await fetchReconstruction(this.#cas, info, range, options)
    let before = held
    let block: Block = { ...fresh, generation: 1 }
    await store.update(info.content, (record) => {
      const stored = findBlock(record, range)
      before = (stored?.generation ?? 0) >= (held?.generation ?? 0) ? stored : held
      block = { ...fresh, generation: (before?.generation ?? 0) + 1 }
      return withBlock({ blocks: [], ...record, info }, block)
    })
    if (before !== undefined) {
      const { content, url } = info
      const changed = !sameRuns(before.runs, block.runs)
      onEvent?.({ type: 'renewed', content, url, generation: block.generation, changed })
    }
    return block
  }

  #empty(range: ByteRange): Block {
    const fetchedAt = this.#options.net.clock.now()
    const end = range.start
    const nothing = { runs: [], descriptors: [], deadline: null, skew: 0, generation: 1 }
    return { range: { start: range.start, end }, fetchedAt, ...nothing }
  }
}
