import { ByteSet, type ByteRange } from '../../src/core/index.ts'
import type { Block } from '../../src/reconstruction/index.ts'
import { Steering } from '../../src/transfer/bandwidth.ts'
import { Dividing, narrowBlocks, splitSpan } from '../../src/transfer/division.ts'
import {
  cut,
  firstBlocks,
  isWanted,
  nextTask,
  ownRanges,
  piecesOf,
  plansAhead,
  type Piece,
  type Span,
} from '../../src/transfer/plan.ts'
import { randomOf, type SimLine } from './lines.ts'
import { Network, type Transfer } from './network.ts'

/** What a load took. */
export interface SimResult {
  /** Milliseconds from the first request for bytes to the last byte. */
  readonly ms: number
  readonly requests: number
  /** Bytes that came, wanted or not. */
  readonly received: number
}

/** Bytes of a chunk, and chunks of a xorb: a little less than 64 MiB. */
const [chunk, chunksOfXorb] = [65_536, 1000]
const xorbBytes = chunk * chunksOfXorb
/** Time between two decisions, as in a download, milliseconds. */
const lookMs = 250
/** Time between two decisions about idle connections, milliseconds. */
const reliefMs = 50
/** A reader that has waited for this time is known to the download, milliseconds. */
const waitMs = 400
/** Connections of a download at its begin. */
const connections = 6

/**
 * Plays one load of a file over a line with the functions that decide in a real download: order, division and early
 * ends of requests.
 *
 * @param seed determines all that is random about the line
 */
export function simulate(line: SimLine, seed: number): SimResult {
  return new Load(line, seed).run()
}

class Load {
  readonly #line: SimLine
  readonly #random: () => number
  readonly #network: Network
  readonly #held = new ByteSet()
  readonly #steering = new Steering()
  readonly #dividing = new Dividing()
  /** Where another request goes on. */
  readonly #ends = new Map<Transfer, number>()
  #relief:
    | { readonly transfer: Transfer; readonly ranges: readonly ByteRange[]; readonly at: number }
    | undefined
  #spans: Span[]
  #pieces: Piece[] = []
  #opening: { readonly span: Span; readonly at: number }[] = []
  #pausing: { readonly piece: Piece; readonly at: number }[] = []
  readonly #fetching = new Map<Transfer, Piece>()
  readonly #asked = new Map<Transfer, number>()
  #received = 0
  #requests = 0
  #firstAt = 0

  constructor(line: SimLine, seed: number) {
    this.#line = line
    this.#random = randomOf(seed)
    this.#network = new Network(line, this.#random)
    this.#spans = firstBlocks(line.size).map((range) => span(range, true))
  }

  run(): SimResult {
    const { size } = this.#line
    let look = 0
    let relief = 0
    while (!this.#held.covers({ start: 0, end: size })) {
      this.#startTasks()
      const { now } = this.#network
      if (now > 3_600_000) throw new Error(`"${this.#line.name}" does not end.`)
      if (now >= look) {
        this.#look()
        look = now + lookMs
      }
      if (now >= relief) {
        this.#divide()
        relief = now + reliefMs
      }
      for (const [transfer, end] of this.#ends)
        if (transfer.offset + transfer.received >= end + chunk / 2) {
          this.#network.abort(transfer)
          this.#ended(transfer, false, true)
        }
      const due = [...this.#opening, ...this.#pausing, ...(this.#relief ? [this.#relief] : [])].map(
        ({ at }) => at,
      )
      const ends = this.#ends.size > 0 ? [now + 5] : []
      const { kind, transfer } = this.#network.next(Math.min(look, relief, ...due, ...ends))
      if (transfer && kind !== 'first') this.#ended(transfer, kind === 'ended')
      this.#opened()
    }
    const ms = this.#network.now - this.#firstAt
    return { ms, requests: this.#requests, received: this.#received }
  }

  #startTasks(): void {
    for (;;) {
      const most = connections
      const free = most - this.#fetching.size - this.#pausing.length
      const isFull =
        this.#opening.length + this.#fetching.size + this.#pausing.length >= most + plansAhead
      const wanted = this.#wanted()
      const opening = this.#opening.map((one) => one.span.range)
      const task = nextTask(this.#spans, this.#pieces, wanted, { free, most, opening })
      if (!task || isFull) return
      const waits = this.#steering.onlyUrgent && this.#isUrgentActive(wanted)
      if (waits && !isWanted(task, wanted)) return
      if (task.kind === 'fetch') {
        this.#pieces = this.#pieces.filter((piece) => piece !== task.piece)
        this.#fetch(task.piece)
      } else {
        this.#spans = this.#spans.filter((one) => one !== task.span)
        this.#opening.push({ span: task.span, at: this.#network.now + this.#network.roundTrip() })
      }
    }
  }

  #isUrgentActive(wanted: readonly ByteRange[]): boolean {
    return (
      [...this.#fetching.values()].some((piece) => isWanted({ kind: 'fetch', piece }, wanted)) ||
      this.#opening.some((one) => isWanted({ kind: 'open', span: one.span }, wanted))
    )
  }

  #fetch(piece: Piece): void {
    if (this.#requests === 0) this.#firstAt = this.#network.now
    this.#requests += 1
    const { bytes } = piece.descriptor
    const offset = piece.runs[0]!.offset
    const transfer = this.#network.start(offset, bytes.end - bytes.start)
    this.#fetching.set(transfer, piece)
    this.#asked.set(transfer, this.#network.now)
  }

  /** Plans that have come, and pauses that are over. */
  #opened(): void {
    const { now } = this.#network
    const come = this.#opening.filter(({ at }) => at <= now)
    this.#opening = this.#opening.filter(({ at }) => at > now)
    for (const one of come) {
      const block = blockOf(one.span.range, this.#line.size)
      const narrow = one.span.first ? narrowBlocks(block, connections, this.#line.rttMs) : undefined
      const parts = splitSpan(block, this.#held, narrow)
      if (parts) this.#addSpans(parts)
      else this.#addPieces(piecesOf(one.span, block, this.#held))
    }
    if (this.#relief && this.#relief.at <= now) {
      const { transfer, ranges } = this.#relief
      this.#relief = undefined
      const from = ranges[0]!.start
      if (this.#fetching.has(transfer) && transfer.offset + transfer.received < from) {
        this.#ends.set(transfer, from)
        for (const range of ranges) {
          const one = span(range, false)
          this.#addPieces(piecesOf(one, blockOf(range, this.#line.size), this.#held))
        }
      }
    }
    const over = this.#pausing.filter(({ at }) => at <= now)
    this.#pausing = this.#pausing.filter(({ at }) => at > now)
    for (const { piece } of over) this.#fetch(piece)
  }

  #endOf(transfer: Transfer): number {
    return this.#ends.get(transfer) ?? transfer.offset + transfer.bytes
  }

  #isDrained(): boolean {
    return !this.#relief && this.#spans.length + this.#pieces.length + this.#opening.length === 0
  }

  #divide(): void {
    const { now } = this.#network
    const requests = [...this.#fetching.keys()].filter((one) => one.firstByteMs !== undefined)
    const found = this.#dividing.next(now, () => ({
      requests: requests.map((one) => ({
        left: this.#endOf(one) - one.offset - one.received,
        received: one.received,
        ms: now - this.#asked.get(one)! - one.firstByteMs!,
        firstByteMs: one.firstByteMs!,
      })),
      idle: this.#isDrained() ? connections - this.#fetching.size - this.#pausing.length : 0,
    }))
    if (!found) return
    const transfer = requests[found.index]!
    const end = this.#endOf(transfer)
    const at = transfer.offset + transfer.received
    const from = Math.ceil(at + (end - at) * found.share)
    this.#relief = {
      transfer,
      ranges: cut({ start: from, end }, Math.ceil((end - from) / found.parts)),
      at: now + this.#network.roundTrip(),
    }
  }

  #addSpans(ranges: readonly ByteRange[]): void {
    this.#spans.push(...ranges.map((range) => span(range, false)))
    this.#spans.sort((a, b) => a.range.start - b.range.start)
  }

  #addPieces(pieces: readonly Piece[]): void {
    this.#pieces.push(...pieces)
    this.#pieces.sort((a, b) => a.runs[0]!.offset - b.runs[0]!.offset)
  }

  #ended(transfer: Transfer, whole: boolean, early: boolean = false): void {
    const piece = this.#fetching.get(transfer)!
    const until = this.#ends.get(transfer) ?? Infinity
    this.#ends.delete(transfer)
    this.#fetching.delete(transfer)
    this.#received += transfer.received
    // Chunks that have come are kept.
    const [run] = piece.runs
    const come = whole ? run!.length : Math.floor(transfer.received / chunk) * chunk
    for (const own of ownRanges(piece))
      this.#held.add({ start: own.start, end: Math.min(own.end, run!.offset + come) })
    const rest = ownRanges(piece)
      .map(({ start, end }) => ({ start, end: Math.min(end, until) }))
      .flatMap((own) => this.#held.missing(own))
    if (rest.length === 0) return
    if (come > 0 || early) return this.#addSpans(rest)
    this.#pausing.push({ piece, at: this.#network.now + 500 * this.#random() })
  }

  /** A reader of the whole file waits for the xorb of the first byte that is missing. */
  #wanted(): ByteRange[] {
    if (this.#network.now < waitMs) return []
    const xorb = Math.floor(this.#held.endFrom(0) / xorbBytes)
    return [{ start: xorb * xorbBytes, end: (xorb + 1) * xorbBytes }]
  }

  #look(): void {
    const wanted = this.#wanted()
    const isUrgent = (piece: Piece): boolean => isWanted({ kind: 'fetch', piece }, wanted)
    const others = [...this.#fetching].filter(([, piece]) => !isUrgent(piece))
    const queued =
      this.#pieces.filter(isUrgent).length +
      this.#spans.filter((one) => isWanted({ kind: 'open', span: one }, wanted)).length
    const urgent = this.#fetching.size - others.length
    const other = urgent + queued > 0 ? others.length : 0
    const received = [...this.#fetching.keys()].reduce(
      (sum, one) => sum + one.received,
      this.#received,
    )
    const ends = this.#steering.next({ now: this.#network.now, received, urgent, other, queued })
    if (ends === 0) return
    for (const [transfer] of others.slice(-ends)) {
      this.#network.abort(transfer)
      this.#ended(transfer, false, true)
    }
  }
}

function span(range: ByteRange, first: boolean): Span {
  return { range, first, progressGeneration: 0 }
}

/** The plan of a range of a file in full xorbs of incompressible chunks. */
function blockOf(range: ByteRange, size: number): Block {
  const runs = []
  const descriptors = []
  for (let at = Math.floor(range.start / xorbBytes); at * xorbBytes < range.end; at++) {
    const begin = at * xorbBytes
    const end = Math.min(begin + xorbBytes, size)
    const start = Math.max(0, Math.floor((range.start - begin) / chunk))
    const last = Math.ceil((Math.min(range.end, end) - begin) / chunk)
    const bytes = { start: start * chunk, end: Math.min(last * chunk, end - begin) }
    const run = { xorb: `${at}`, chunks: { start, end: last }, offset: begin + bytes.start }
    runs.push({ ...run, length: bytes.end - bytes.start })
    descriptors.push({ xorb: run.xorb, chunks: run.chunks, bytes, url: '' })
  }
  return { range, runs, descriptors, fetchedAt: 0, deadline: null, skew: 0, generation: 1 }
}
