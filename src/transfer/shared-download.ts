import { type ByteRange, ByteSet, FerryError, overlaps } from '../core/index.ts'
import { noAnswer } from '../net/index.ts'
import { decodeError, encodeError } from '../protocol/index.ts'
import type { FileInfo, LoadState } from '../data/index.ts'
import type { DownloadReader, Delivered } from './file-source.ts'

/** Reads releasable bytes of a download. */
export type ReadBytes = (
  range: ByteRange,
  place: () => string | undefined,
) => Promise<Uint8Array<ArrayBuffer>>

/** @param inside those of readers whose range ends inside the file */
type TellWaits = (positions: readonly number[], inside: readonly number[]) => void

/** Name of the BroadcastChannel on which service workers get the bytes of small files; on that of all realms, pages would. */
export const bytesChannel = 'modelferry-bytes'

/** Bytes that are not on the device yet. */
export type SentBytes = Pick<FetchState, 'content' | 'size' | 'bytes'>

let bytesPort: BroadcastChannel | undefined

/** Gives the bytes of a small file to the service workers. */
export function sendBytes(
  { content, size }: Pick<FileInfo, 'content' | 'size'>,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  bytesPort ??= new BroadcastChannel(bytesChannel)
  bytesPort.postMessage({ content, size, bytes } satisfies SentBytes)
}

/** The state of a download, with the whole file as long as its readers need not wait for the device. */
type FetchState = LoadState & { readonly bytes?: Uint8Array<ArrayBuffer> | undefined }

interface Waiter {
  readonly position: number
  /** Whether its range ends inside the file. */
  readonly inside: boolean
  readonly settle: () => void
}

/** A reader that joined, with the bytes it has read. */
interface Reader {
  taken: ByteRange
  /** Read bytes that were not proven when they were delivered, and the transfer that vouches for them. */
  readonly doubtful: ByteSet
  transfer: string | undefined
  /** Whether some of them turned out wrong. */
  invalidated: boolean
  /** What it has not read yet. */
  rest: ByteRange
}

/** How long a download that brought nothing yet may go on after its first failure, milliseconds. */
const troubleMs = 1500

/** Times that bytes are read again after the device has lost them. */
const mostLosses = 3

/** A wait of this time is told to other realms, milliseconds. */
const tellMs = 400
/** It is told again after this time, milliseconds. */
const tellAgainMs = 2000

const nothing: Delivered = { range: { start: Infinity, end: 0 }, doubtful: [] }

/**
 * Key of equal downloads. A hash determines the size of a file. When two hubs give different sizes for one hash, one of
 * them is wrong, and its download must not be shared with the other.
 */
export function downloadKey({ content, size }: Pick<FileInfo, 'content' | 'size'>): string {
  return `${size} ${content}`
}

/**
 * One wanted file in this realm, fetched by any realm: it joins the demands for the file, tells the download which
 * ranges are urgent, and wakes readers when the state changes. It ends with its last reader.
 */
export class SharedDownload {
  readonly info: FileInfo
  readonly #read: ReadBytes
  readonly #abort = new AbortController()
  readonly #readers = new Set<Reader>()
  readonly #waiters = new Set<Waiter>()
  #releasable = new ByteSet()
  #confirmed = new ByteSet()
  #state: FetchState
  readonly #tell: TellWaits | undefined
  #telling = false
  #told = { positions: '', at: 0 }
  /** @param tell receives the positions that readers wait for, so that the realm that fetches the file learns them */
  constructor(info: FileInfo, read: ReadBytes, tell?: TellWaits) {
    this.info = info
    this.#read = read
    this.#tell = tell
    this.#state = {
      content: info.content,
      url: info.url,
      size: info.size,
      phase: 'waiting',
      held: 0,
      committed: [],
      releasable: [],
      inFlight: [],
      fetched: 0,
      reused: 0,
      bytesPerSecond: 0,
    }
  }

  get state(): FetchState {
    return this.#state
  }

  /** Aborted when the last demand was released. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get ended(): boolean {
    return this.signal.aborted || ['complete', 'failed'].includes(this.#state.phase)
  }

  /** The ranges that readers have not read yet. */
  needed(): ByteRange[] {
    return [...this.#readers].map(({ rest }) => rest)
  }

  /** Applies a state update of the file's download. */
  update(change: Partial<FetchState>): FetchState {
    if (this.ended) return this.#state
    if (change.transfer !== undefined || change.phase === 'complete')
      this.#changeHands(change.transfer ?? this.#state.transfer, change.inherited)
    const recalled = newlyRecalled(this.#state.recalled ?? [], change.recalled)
    const { waiting: _, ...before } = this.#state
    const waits = (change.phase ?? this.#state.phase) === 'waiting'
    this.#state = { ...(waits ? this.#state : before), ...change }
    for (const range of recalled)
      for (const reader of this.#readers) reader.invalidated ||= overlaps(range, reader.taken)
    const { phase, releasable, proven: confirmed } = this.#state
    const all = phase === 'complete' ? [{ start: 0, end: this.info.size }] : undefined
    this.#releasable = new ByteSet(all ?? releasable)
    this.#confirmed = new ByteSet(all ?? confirmed)
    for (const { settle } of this.#waiters) settle()
    return this.#state
  }

  /** Ends the download for all readers. */
  end(reason: FerryError): void {
    this.update({ phase: 'failed', error: encodeError(reason) })
    this.#abort.abort(reason)
  }

  /**
   * @param before bytes of the file that the reader received from an earlier download
   * @param range the wanted range; one that ends before the file gets only proven bytes, because its end cannot be
   * held back until the file's hash has matched.
   */
  join(
    before: Delivered = nothing,
    range: ByteRange = { start: 0, end: this.info.size },
  ): DownloadReader {
    const inside = range.end < this.info.size
    const invalidated =
      this.#state.recalled?.some((range) => overlaps(range, before.range)) ?? false
    const reader: Reader = {
      taken: before.range,
      doubtful: new ByteSet(before.doubtful),
      transfer: before.transfer,
      invalidated,
      rest: range,
    }
    const joined = this.#readers.size > 0
    this.#readers.add(reader)
    const { transfer, inherited } = this.#state
    if (transfer !== undefined) this.#changeHands(transfer, inherited)
    const check = (): void => {
      const { error, phase } = this.#state
      if (error && phase === 'failed') throw decodeError(error)
      if (!this.#readers.has(reader)) throw new FerryError('aborted', 'The reader gave up.')
      if (reader.invalidated)
        throw new FerryError(
          'integrity',
          'Bytes already read were wrong. Ask for the file again.',
          { url: this.info.url, retryable: true },
        )
    }
    return {
      info: this.info,
      get taken() {
        const { taken: range, doubtful, transfer } = reader
        return { range, doubtful: doubtful.ranges, transfer, joined }
      },
      begun: async (ms) => {
        let end = performance.now() + ms
        for (;;) {
          if (this.#state.bytes) return true
          check()
          const { phase, fetched, held, inherited = [], waiting } = this.#state
          const before = inherited.reduce((sum, { start, end }) => sum + end - start, 0)
          const given = this.#releasable.covers(range)
          if (phase === 'complete' || fetched > 0 || held > before || given) return true
          const now = performance.now()
          // Only a download that has failed once gets less time: a slow one may still succeed.
          if (waiting)
            end = waiting.reason.errorCode === noAnswer ? now : Math.min(end, now + troubleMs)
          if (now >= end) {
            if (!waiting) return false
            const { asked, until, patienceMs = 0, reason } = waiting
            if (asked && until <= Date.now() + patienceMs) return true
            // The error of the failed request explains more than the timeout.
            throw decodeError(reason)
          }
          await this.#moved(range.start, AbortSignal.timeout(Math.ceil(end - now)), inside)
        }
      },
      until: async (position, signal) => {
        for (;;) {
          signal?.throwIfAborted()
          if (this.#state.bytes) return this.info.size
          check()
          const end = (inside ? this.#confirmed : this.#releasable).endFrom(position)
          if (end > position) return end
          await this.#moved(position, signal, inside)
        }
      },
      read: async (start, end) => {
        const { bytes } = this.#state
        if (bytes) return bytes.slice(start, end)
        const { taken } = reader
        if (!this.#confirmed.covers({ start, end })) {
          reader.doubtful.add({ start, end })
          reader.transfer = this.#state.transfer
        }
        reader.taken = { start: Math.min(taken.start, start), end: Math.max(taken.end, end) }
        for (let losses = 0; ; losses += 1) {
          const allowed = (): boolean =>
            (inside ? [this.#confirmed] : [this.#releasable, this.#confirmed]).some((given) =>
              given.covers({ start, end }),
            )
          try {
            const place = (): string | undefined => (allowed() ? this.#state.place : undefined)
            const bytes = await this.#read({ start, end }, place)
            check()
            reader.rest = { ...range, start: end }
            return bytes
          } catch (error) {
            const lost = error instanceof FerryError && error.code === 'storage'
            if (!lost || losses === mostLosses || this.ended) throw error
            // The storage was emptied: the bytes are written or fetched again.
            while (!allowed() && !this.ended) await this.#moved(start)
            check()
          }
        }
      },
      release: () => {
        if (!this.#readers.delete(reader)) return
        for (const { settle } of this.#waiters) settle()
        if (this.#readers.size === 0)
          this.#abort.abort(new FerryError('aborted', 'No reader needs the file.'))
      },
    }
  }

  /**
   * Handles a change of the transfer that fetches the file. The new one vouches for the bytes that it found and that
   * it fetches. Bytes that were delivered before and are lost, such as pieces without a journal, are fetched again,
   * which proves nothing about the delivered ones.
   */
  #changeHands(transfer: string | undefined, inherited: readonly ByteRange[] = []): void {
    const found = new ByteSet(inherited)
    for (const reader of this.#readers) {
      if (reader.doubtful.size === 0 || reader.transfer === transfer) continue
      if (reader.transfer === this.#state.transfer)
        for (const range of this.#confirmed.ranges) reader.doubtful.delete(range)
      reader.invalidated ||= reader.doubtful.ranges.some((range) => !found.covers(range))
      reader.transfer = transfer
    }
  }

  #tellWaits(): void {
    this.#telling = false
    const [positions, inside] = this.waits()
    const [text, now] = [positions.join(), performance.now()]
    const { positions: last, at } = this.#told
    if (text === '' || this.ended || (text === last && now - at < tellAgainMs)) return
    this.#told = { positions: text, at: now }
    this.#tell?.(positions, inside)
  }

  protected waits(): [positions: number[], inside: number[]] {
    const waiters = [...this.#waiters]
    const inside = waiters.filter((waiter) => waiter.inside)
    return [waiters.map(({ position }) => position), inside.map(({ position }) => position)]
  }

  #moved(position: number, signal?: AbortSignal, inside: boolean = false): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#waiters.delete(waiter)
        signal?.removeEventListener('abort', settle)
        resolve()
      }
      const waiter = { position, inside, settle }
      if (!this.#telling) setTimeout(() => this.#tellWaits(), tellMs)
      this.#telling = true
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', settle, { once: true })
    })
  }
}

/** The new entries of a list that only grows, or the whole list when another transfer started its own. */
function newlyRecalled(
  known: readonly ByteRange[],
  reported: readonly ByteRange[] = known,
): readonly ByteRange[] {
  const same = known.every(
    ({ start, end }, at) => reported[at]?.start === start && reported[at]?.end === end,
  )
  return same ? reported.slice(known.length) : reported
}
