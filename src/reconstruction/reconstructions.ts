import { type Net, SharedCalls, type Waiting } from '../net/index.ts'
import { fetchReconstruction, ReadTokens, type CasContext } from './cas-client.ts'
import type { ByteRange, Clock } from '../core/index.ts'
import type { FileInfo } from '../data/index.ts'
import type {
  Block,
  ReconstructionRecord,
  AskOptions,
  RecordStore,
  RenewedEvent,
} from './record-store.ts'

/** The block for exactly this range; a block that only covers it was signed for other bytes. */
function findBlock(
  record: ReconstructionRecord | undefined,
  { start, end }: ByteRange,
): Block | undefined {
  return record?.blocks.find(({ range }) => range.start === start && range.end === end)
}

/** A request may begin later than planned, and clocks drift. */
const marginMs = 60_000

/**
 * Whether the URLs of a block may still be requested. Storage checks the expiry when a request begins.
 *
 * The margin is a minute, but at most a quarter of the URLs' lifetime on arrival, because that may be only seconds.
 * If URLs had already expired on arrival by the local clock, the clock is wrong, and they are used until they are
 * refused.
 *
 * @param now local epoch milliseconds
 */
export function isUsable({ deadline, skew, fetchedAt }: Block, now: number): boolean {
  if (deadline === null) return true
  const lifetime = deadline - (fetchedAt + skew)
  if (lifetime <= 0) return true
  const margin = Math.min(marginMs, lifetime / 4)
  return now + skew < deadline - margin
}

/**
 * Maximum number of stored blocks per file. A transfer works on a few at a time, and a record is written whole each
 * time. The oldest are removed, which costs at most one call if they are needed again.
 */
const maxBlocks = 64

/** The record with a block replacing the one for the same range. */
export function withBlock(
  record: ReconstructionRecord | undefined,
  block: Block,
): ReconstructionRecord {
  const before = findBlock(record, block.range)
  const others = (record?.blocks ?? []).filter((other) => other !== before)
  const newestFirst = others.toSorted((a, b) => b.fetchedAt - a.fetchedAt)
  return { ...record, blocks: [block, ...newestFirst].slice(0, maxBlocks) }
}

/** How long the failure of a call ahead waits for the caller that needs the block, milliseconds. */
const aheadMs = 2000

/** The used part of `navigator.locks`. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>
}

/** A realm that holds the lock and does not finish within this is frozen or lost. */
const longestCallMs = 30_000

/**
 * Runs the work unless another realm is doing the same; then it waits. This saves requests but guarantees nothing:
 * without locks, or when the holder does not finish in time, the work is done anyway, at worst twice.
 *
 * @throws the error of the work; the signal's reason
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
  clock.sleep(longestCallMs, timer.signal).then(
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

interface ReconstructionsOptions {
  readonly net: Net
  readonly store: RecordStore
  /** `navigator.locks`; without it, realms may make the same call twice. */
  readonly locks?: Locks
  /** Called for every renewal of a block in this realm. */
  readonly onEvent?: (event: RenewedEvent) => void
}

/**
 * Stores where the bytes of a file are, checks it before use, and renews it once for all callers.
 *
 * The result of {@link block} and {@link renew} has just been checked or fetched: request each of its URLs once
 * without another check, at any later time, and call `isUsable` before further requests. The caller must limit the
 * number of renewals without progress.
 */
export class Reconstructions {
  /** Content ids of files whose reconstruction stayed wrong. */
  readonly distrusted: Set<string> = new Set()
  /** Content ids of files whose reconstructions have contradicted each other or the file's hash in this realm. */
  readonly doubted: Set<string> = new Set()
  readonly #options: ReconstructionsOptions
  readonly #cas: CasContext
  readonly #calls = new SharedCalls<Block>()
  /** Calls ahead, by key; aborted when the caller that needs the block has joined. */
  readonly #ahead = new Map<string, AbortController>()

  constructor(options: ReconstructionsOptions) {
    this.#options = options
    const { net } = options
    this.#cas = { net, tokens: new ReadTokens(net), versions: new Map() }
  }

  /**
   * The block for a range: the stored one while its URLs are usable, else a new one.
   *
   * @param info a file on Xet
   * @param range is limited to the file's end; an empty range needs no call
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
   * The replacement of a block whose URL was refused or became stale. All holders of the old block get the same new
   * one: from the record when it was renewed already, otherwise from one call.
   *
   * @param block the unusable one
   * @throws as {@link block}; the record is then unchanged
   */
  async renew(info: FileInfo, block: Block, options: AskOptions = {}): Promise<Block> {
    if (block.range.start >= block.range.end) return block
    return await this.#atLeast(block.generation + 1, info, block.range, block, options)
  }

  /** All recorded blocks of a file, also those whose URLs have expired: the places of its bytes do not. */
  async recorded(content: string): Promise<Block[]> {
    return [...((await this.#options.store.get(content))?.blocks ?? [])]
  }

  /** Deletes the record of a file's reconstruction. */
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
    const { authorization, signal, ahead } = options
    const kept = (): Promise<Block | undefined> => this.#kept(info, range, generation)
    // A call ahead is not in a hurry to find its record, which is read again under the lock.
    const stored = ahead ? undefined : await kept()
    if (stored !== undefined) return stored
    const key = JSON.stringify([info.content, range.start, range.end, authorization])
    const { locks, net } = this.#options
    const start = async (signal: AbortSignal, waiting: Waiting): Promise<Block> => {
      const joined = new AbortController()
      if (ahead) this.#ahead.set(key, joined)
      try {
        const name = `modelferry:renew:${info.content}:${range.start}`
        const call = { authorization, signal, waiting }
        return await oncePerOrigin(
          { locks, clock: net.clock },
          name,
          signal,
          async () => (await kept()) ?? this.#replace(info, range, before, call),
        )
      } catch (error) {
        const either = AbortSignal.any([signal, joined.signal])
        if (ahead) await net.clock.sleep(aheadMs, either).catch(() => undefined)
        throw error
      } finally {
        this.#ahead.delete(key)
      }
    }
    if (!ahead) this.#ahead.get(key)?.abort()
    const block = await this.#calls.join(key, start, signal, options.waiting)
    // The joined call may have been for an older block.
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
      return withBlock({ blocks: [], ...record }, block)
    })
    if (before !== undefined) {
      const { content, url } = info
      onEvent?.({ content, url, generation: block.generation })
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
