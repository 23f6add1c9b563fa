// How the ranges of a file are divided among connections: before they are requested, and while a slow one is.
import { type ByteRange, ByteSet, overlaps } from '../core/index.ts'
import { longestChunk } from '../codec/index.ts'
import type { Block } from '../reconstruction/index.ts'
import { common, cut, rangesOf, type Relieved } from './plan.ts'

const mebi = 2 ** 20

/** Shortest range that is usually requested where a file is divided, bytes. */
const usualBlock = 8 * mebi
/** From this round trip on, a connection is slow for so long that files of 6 to 16 MiB are divided too, milliseconds. */
const farMs = 40

/**
 * Whether the block's descriptors are too few and too large to keep the connections busy; then the narrower blocks to
 * request instead. A signed range must be requested whole, so only a narrower reconstruction request splits it.
 *
 * @param block result of the first request
 * @param connections number of concurrent requests
 * @param roundTripMs to the servers, milliseconds
 * @returns ranges of about 8 to 16 MiB, or 3 to 5 MiB of a small file, that end with xorbs where they can, or
 *   undefined to use the block unchanged
 */
export function narrowBlocks(
  block: Block,
  connections: number,
  roundTripMs: number,
): ByteRange[] | undefined {
  const { range, runs, descriptors } = block
  const largest = Math.max(0, ...descriptors.map(({ bytes }) => bytes.end - bytes.start))
  const isFar = roundTripMs >= farMs && range.end - range.start <= 2 * usualBlock
  const smallestBlock = isFar ? 3 * mebi : usualBlock
  if (descriptors.length >= connections || largest <= 2 * smallestBlock) return undefined
  const ends = runs.flatMap(({ xorb, offset, length }, at) =>
    xorb === runs[at + 1]?.xorb ? [] : [Math.min(offset + length, range.end)],
  )
  const share = Math.ceil((range.end - range.start) / connections)
  const step = Math.min(2 * smallestBlock, Math.max(smallestBlock, share))
  const parts: ByteRange[] = []
  let { start } = range
  for (const end of [...ends, range.end]) {
    // A range over two xorbs is two requests.
    if (end - start < smallestBlock / 2 && end < range.end) continue
    const count = Math.max(1, Math.round((end - start) / step))
    if (end > start) parts.push(...cut({ start, end }, Math.ceil((end - start) / count)))
    start = end
  }
  return parts
}

/** Smallest part of a xorb that is worth a request, bytes. */
const smallestPart = 4 * mebi

/**
 * Divides the xorb that a reader waits for among all connections: nothing of it can be delivered before all of it has
 * arrived.
 *
 * @param block result of the first request
 * @param parts what would be requested instead of it; undefined: the block unchanged
 * @param wanted what the reader waits for
 */
export function shareXorb(
  block: Block,
  parts: readonly ByteRange[] | undefined,
  wanted: ByteRange | undefined,
  connections: number,
): readonly ByteRange[] | undefined {
  // A file that is read from its start does not end with this xorb.
  if (wanted === undefined || (parts === undefined && wanted.start <= block.range.start))
    return parts
  const found = block.runs.find((run) => rangesOf([run]).some((range) => overlaps(range, wanted)))
  const places = new ByteSet(rangesOf(block.runs.filter(({ xorb }) => xorb === found?.xorb)))
  // Each place of it would be a request.
  if (places.size <= smallestPart || places.ranges.length > 2) return parts
  const step = Math.max(smallestPart, Math.ceil(places.size / connections))
  // Each boundary costs a chunk twice.
  const requests = parts ?? block.descriptors.map(({ bytes }) => bytes)
  if (requests.every(({ start, end }) => end - start < 1.5 * step)) return parts
  const rest = new ByteSet(parts ?? [block.range])
  for (const range of places.ranges) rest.delete(range)
  const others = (parts ?? [block.range]).flatMap((part) =>
    rest.ranges.map((range) => common(range, part)).filter(({ start, end }) => start < end),
  )
  const own = places.ranges.flatMap((range) => cut(common(range, block.range), step))
  return [...others, ...own].toSorted((a, b) => a.start - b.start)
}

/**
 * The ranges to request in place of a block: narrower ones if that keeps more connections busy, and ranges around
 * committed bytes. A signed range can only be fetched whole, so a partly committed run would be fetched twice.
 *
 * @param block a reconstruction
 * @param held committed ranges of the file
 * @param narrow narrower ranges for the block, if any
 * @returns undefined to use the block unchanged
 */
export function splitSpan(
  { range, runs }: Block,
  held: ByteSet,
  narrow: readonly ByteRange[] | undefined,
): ByteRange[] | undefined {
  // The chunk at the boundary belongs to the previous range; skipping it is not worth another request.
  const border = held.endFrom(range.start)
  const start = border - range.start <= longestChunk ? border : range.start
  const partlyHeld = runs.some(({ offset, length }) => {
    const run = { start: Math.max(start, offset), end: offset + length }
    return held.ranges.some((known) => overlaps(known, run)) && !held.covers(run)
  })
  if (!partlyHeld && narrow === undefined) return undefined
  const parts = (narrow ?? [range]).flatMap((part) => held.missing(part))
  const [first] = parts
  const same = parts.length === 1 && first?.start === range.start && first.end === range.end
  return same ? undefined : parts
}

/**
 * One division of a request under way. The request leaves its last part to others only when each of them has the
 * reconstruction of its own part; otherwise a part would be fetched by none.
 */
export class Relief implements Relieved {
  readonly over: AbortController = new AbortController()
  readonly #request: Underway
  readonly #start: number
  #missing: number
  #settle: (left: boolean) => void = () => undefined
  readonly #left = new Promise<boolean>((resolve) => (this.#settle = resolve))

  /** @param ranges what others are to fetch of it, in file order */
  constructor(request: Underway, ranges: readonly ByteRange[]) {
    this.#request = request
    this.#start = ranges[0]?.start ?? 0
    this.#missing = ranges.length
    request.over.signal.addEventListener('abort', () => this.refuse())
  }

  leave(): Promise<boolean> {
    this.#missing -= 1
    if (this.#missing === 0) this.#settle(this.#request.leave(this.#start))
    return this.#left
  }

  refuse(): void {
    this.#settle(false)
    this.#request.keep()
    this.over.abort()
  }
}

/** A request of which other connections could fetch a part. */
export interface Divisible {
  /** Bytes that it still brings. */
  readonly left: number
  /** Bytes since its first one. */
  readonly received: number
  /** Milliseconds since its first byte. */
  readonly ms: number
  /** Milliseconds from the request to its first byte. */
  readonly firstByteMs: number
}

/** A request that is being answered. Its last part may be left to another one. */
export class Underway {
  /** Ends the request, but not with an error. */
  readonly early: AbortController = new AbortController()
  /** Aborted when the request is over; {@link leave} has no effect afterwards. */
  readonly over: AbortController = new AbortController()
  /** File offset where another request goes on. */
  until: number = Infinity
  /** The chunks that have come end here, file offset. */
  #at = 0
  /** The one place of the piece in the file. */
  #place: ByteRange | undefined
  #bytes = 0
  #received = 0
  #asked = 0
  #firstAt: number | undefined

  /**
   * Another try begins.
   *
   * @param bytes to be received
   * @param places of the piece in the file; only a piece with one place is divided
   */
  begin(now: number, bytes: number, places: readonly ByteRange[]): void {
    this.#asked = now
    this.#firstAt = undefined
    this.#bytes = bytes
    this.#received = 0
    this.#place = places.length === 1 ? places[0] : undefined
    this.#at = this.#place?.start ?? 0
  }

  received(now: number, bytes: number): void {
    this.#firstAt ??= now
    this.#received += bytes
  }

  /** Chunks up to a file offset have come. */
  took(at: number): void {
    this.#at = at
    if (at >= this.until) this.early.abort()
  }

  /** Leaves the rest to another request. @returns whether a chunk of it has not begun to come */
  leave(start: number): boolean {
    if (this.over.signal.aborted || this.#at > start) return false
    this.until = Math.min(this.until, start)
    return true
  }

  /** It is not divided any more: the calls for others would be refused again. */
  keep(): void {
    this.#place = undefined
  }

  /** What it still brings, if it may be divided. */
  view(now: number): Divisible | undefined {
    if (this.#place === undefined || this.#firstAt === undefined) return undefined
    const { start, end } = this.#rest
    if (start >= end) return undefined
    const left = ((this.#bytes - this.#received) * (end - start)) / (this.#place.end - start)
    const ms = now - this.#firstAt
    return { left, received: this.#received, ms, firstByteMs: this.#firstAt - this.#asked }
  }

  /**
   * The range of the file that others fetch after a division.
   *
   * @param share of its rest that it goes on to fetch itself
   */
  after(share: number): ByteRange {
    const { start, end } = this.#rest
    return { start: Math.ceil(start + (end - start) * share), end }
  }

  get #rest(): ByteRange {
    return { start: this.#at, end: Math.min(this.until, this.#place?.end ?? 0) }
  }
}

/** How a request is divided. */
export interface Division {
  /** Index of the request. */
  readonly index: number
  /** Share of its rest that it goes on to fetch itself. */
  readonly share: number
  /** Number of equal parts of what comes after them. */
  readonly parts: number
}

/** Smallest part that another connection fetches, bytes: each costs two requests, and a chunk that comes twice. */
const leastPart = 2 * mebi
/** A rate over a shorter time says little, milliseconds. */
const leastRateMs = 250
/** Own time that a division takes, beside two round trips, milliseconds. */
const divisionMs = 30
/** A division must end a request within this share of the time that it would take. */
const dividedShare = 0.75
/** Only connections below this share of the highest rate are relieved: what is under way on them when they end is lost. */
const slowShare = 0.4

/**
 * The request that idle connections relieve: the one that would end last, if it is slow and others bring its rest noticeably earlier.
 *
 * @param requests undefined: may not be divided
 * @param idle connections without work
 * @param fastest highest rate of a connection, bytes per millisecond
 * @returns undefined to leave all as they are
 */
export function divide(
  requests: readonly (Divisible | undefined)[],
  idle: number,
  fastest: number,
): Division | undefined {
  const times = requests.map((one) => (one && rateOf(one) > 0 ? one.left / rateOf(one) : 0))
  const longest = Math.max(...times)
  const index = times.indexOf(longest)
  const request = requests[index]
  if (request === undefined || longest === 0 || idle < 1) return undefined
  const rate = rateOf(request)
  if (rate > slowShare * fastest) return undefined
  const untilMs = 2 * request.firstByteMs + divisionMs
  const left = request.left - rate * untilMs
  const parts = Math.min(idle, Math.floor((left * fastest) / (rate + fastest) / leastPart))
  const sharedMs = left / (rate + parts * fastest)
  if (parts < 1 || untilMs + sharedMs > dividedShare * longest) return undefined
  return { index, share: (untilMs + sharedMs) / longest, parts }
}

/** Bytes per millisecond; 0: not known. */
function rateOf(request: Divisible | undefined): number {
  return request && request.ms >= leastRateMs ? request.received / request.ms : 0
}

/** Shortest time between two looks at idle connections, milliseconds. */
const idleMs = 50
/** The highest rate halves in this time where no connection has it any more: the line may have become slower, milliseconds. */
const fastestMs = 5000

/** Decides when idle connections fetch a part of another request. */
export class Dividing {
  #lookedAt = 0
  #fastest = 0

  /**
   * @param now milliseconds of any clock
   * @param view is called if a look is due
   */
  next(
    now: number,
    view: () => { readonly requests: readonly (Divisible | undefined)[]; readonly idle: number },
  ): Division | undefined {
    const passed = Math.abs(now - this.#lookedAt)
    if (passed < idleMs) return undefined
    this.#lookedAt = now
    const { requests, idle } = view()
    // The last connections are compared with those before them.
    this.#fastest = Math.max(this.#fastest * 0.5 ** (passed / fastestMs), ...requests.map(rateOf))
    return divide(requests, idle, this.#fastest)
  }

  /**
   * @param running requests of a download
   * @param idle connections without work; called if a look is due
   * @returns a request, and what others are to fetch of it
   */
  relief(
    running: ReadonlyMap<unknown, Underway>,
    idle: () => number,
    now: number,
  ): { readonly relief: Relief; readonly ranges: readonly ByteRange[] } | undefined {
    const all = [...running.values()]
    const found = this.next(now, () => ({
      requests: all.map((one) => one.view(now)),
      idle: idle(),
    }))
    const request = found && all[found.index]
    if (!request) return undefined
    const range = request.after(found.share)
    const ranges = cut(range, Math.ceil((range.end - range.start) / found.parts))
    return { relief: new Relief(request, ranges), ranges }
  }
}
