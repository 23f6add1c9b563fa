import { type Net, SharedCalls } from '../net/index.ts'
import { fetchReconstruction, ReadTokens, type CasContext } from './cas-client.ts'
import type { ByteRange, Clock } from '../core/index.ts'
import type { FileInfo } from '../protocol/index.ts'
import type {
  Block,
  ReconstructionRecord,
  Run,
  AskOptions,
  RecordStore,
  RenewedEvent,
} from './types.ts'

/** The block for exactly this range; one that merely covers it was signed for other bytes. */
export function findBlock(
  record: ReconstructionRecord | undefined,
  { start, end }: ByteRange,
): Block | undefined {
  return record?.blocks.find(({ range }) => range.start === start && range.end === end)
}

/** A request may begin later than planned, and clocks drift. */
const marginMs = 60_000

/**
 * Whether a block's URLs may still be asked. Stores check the expiry when a request begins.
 *
 * The margin is a minute plus the time needed, but never more than a quarter of the lifetime the URLs had
 * on arrival: they may live for seconds only. URLs that had already expired on arrival, by the clock as
 * we know it, prove only that the clock is wrong, and are used until refused.
 *
 * @param now local epoch milliseconds
 * @param neededMs expected time until the last request with this block has begun, milliseconds
 */
export function isUsable(
  { deadline, skew, fetchedAt }: Block,
  now: number,
  neededMs: number = 0,
): boolean {
  if (deadline === null) return true
  const lifetime = deadline - (fetchedAt + skew)
  if (lifetime <= 0) return true
  const margin = Math.min(marginMs + neededMs, lifetime / 4)
  return now + skew < deadline - margin
}

/** Whether two blocks cut the file in the same way, so that what was planned from one holds for the other. */
export function sameRuns(before: readonly Run[], after: readonly Run[]): boolean {
  return (
    before.length === after.length &&
    before.every((run, index) => {
      const other = after[index]
      return (
        other !== undefined &&
        run.xorb === other.xorb &&
        run.offset === other.offset &&
        run.length === other.length &&
        run.chunks.start === other.chunks.start &&
        run.chunks.end === other.chunks.end
      )
    })
  )
}

/**
 * Blocks kept of one file. A transfer works on a few at a time, and a record is written whole each time:
 * the oldest go, which costs at most one call should they be wanted again.
 */
const maxBlocks = 64

/** The record with a block in the place of the one with the same range. */
export function withBlock(
  record: ReconstructionRecord | undefined,
  block: Block,
): ReconstructionRecord {
  const before = findBlock(record, block.range)
  const others = (record?.blocks ?? []).filter((other) => other !== before)
  const newestFirst = others.toSorted((a, b) => b.fetchedAt - a.fetchedAt)
  return { ...record, blocks: [block, ...newestFirst].slice(0, maxBlocks) }
}

/** `navigator.locks`, as far as it is used. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>
}

/** A realm that holds the lock and does not finish within this is frozen or lost. */
const patienceMs = 30_000

/**
 * Does the work while no other realm does the same. A convenience, not a guard: without locks, or when
 * the holder does not finish in time, the work is done all the same, and at worst done twice.
 *
 * @throws what the work throws; the signal's reason
 */
export async function oncePerOrigin<T>(
  { locks, clock }: { locks?: Locks | undefined; clock: Clock },
  name: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  if (locks === undefined) return await work()
  const waiting = new AbortController()
  const stop = (): void => waiting.abort(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const timer = new AbortController()
  clock.sleep(patienceMs, timer.signal).then(
    () => waiting.abort(),
    () => {},
  )
  let begun = false
  try {
    return await locks.request(name, { signal: waiting.signal }, () => {
      begun = true
      timer.abort()
      return work()
    })
  } catch (error) {
    if (begun || signal.aborted) throw error
    return await work()
  } finally {
    timer.abort()
    signal.removeEventListener('abort', stop)
  }
}

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
      oncePerOrigin(
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
