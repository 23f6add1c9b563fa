import { type ByteRange, ByteSet, FerryError, overlaps } from '../core/index.ts'
import { TransferMeter } from './bandwidth.ts'
import { BlockDownload } from './block-download.ts'
import { isMisplaced } from './reconstruction-check.ts'
import { ChunkVerifier } from './chunk-verifier.ts'
import { sliceLength } from './fetch-piece.ts'
import { Outage, fetchWithFallback, mostTries } from './fallback.ts'
import { fetchPlain } from './plain-fetch.ts'
import { firstDeadline, placesOf } from './plan.ts'
import { contradictingSha256, mostCompared, proveFile, stagedFile } from './proof.ts'
import type { Waiting } from '../net/index.ts'
import { type JournalRun, type PartialFile, type Proof, rangeOf } from '../store/index.ts'
import type { FileInfo } from '../data/index.ts'
import type { DownloadOptions, DownloadTools, Wanted } from './file-source.ts'

/**
 * Bytes of files that this realm holds in memory to their ends, for their SHA-256, because the device is full: the
 * limit, and the current number.
 */
const inMemoryLimit = 64 * 2 ** 20
let inMemoryBytes = 0

/** Nothing of a smaller file is delivered before all hashes of it are compared, bytes: it arrives at once. */
const heldBackLimit = 2 * 2 ** 20

/**
 * Downloads one file: requests its blocks, fetches pieces over several connections, writes, verifies, finishes. Runs
 * under the file's lock; committed bytes are kept when it ends early.
 */
export class Download {
  readonly #tools: DownloadTools
  readonly #info: FileInfo
  readonly #options: DownloadOptions
  readonly #blocks: BlockDownload
  readonly #verifier: ChunkVerifier
  readonly #meter: TransferMeter
  #file: PartialFile | undefined
  /** Whether the device became full: then only readers of this realm get the bytes, and each byte once. */
  inMemory = false
  /**
   * Whether all bytes stay in memory in that case, so that the SHA-256 can be computed at the end, also where the
   * rest came from the file's own URL.
   */
  #holdsAll = false
  #recalled: readonly ByteRange[] = []
  /** All that readers may have got, also where a later reconstruction names other bytes. */
  readonly #given = new ByteSet()
  #losses = 0
  /** Ranges that were committed at the start: the realm that fetched them may have delivered them to readers that still exist. */
  #inherited: readonly ByteRange[] = []
  readonly #name = crypto.randomUUID()
  readonly #isHeldBack: boolean
  /** Whether ranges of the file's own URL may be requested. */
  #ranges: boolean
  #sequential: boolean
  /** Whether the file's own URL was used after the CAS failed. */
  #usedOwnUrl = false
  /** The hub has announced the Xet hash of another file. */
  #isContradicted = false
  /** Why the file's own URL is tried; reported when bytes arrive from it. */
  readonly #unreported: unknown[] = []

  constructor(tools: DownloadTools, info: FileInfo, options: DownloadOptions) {
    const { size, xetHash, sha256 } = info
    this.#tools = tools
    this.#info = info
    this.#options = options
    this.#verifier = new ChunkVerifier(size, tools.hasher)
    this.#verifier.provenOnly = xetHash !== undefined && size <= mostCompared
    this.#meter = new TransferMeter(() => tools.net.clock.now())
    this.#blocks = new BlockDownload({
      tools,
      info,
      authorization: options.authorization,
      verifier: this.#verifier,
      wanted: this.#wanted,
      waiting: this.#waiting,
      report: () => this.#report(),
      arrived: this.#arrived,
      drop: (file, isBad) => this.#drop(file, isBad),
    })
    const isHashed = sha256 !== undefined
    this.#isHeldBack = xetHash !== undefined && isHashed && size <= heldBackLimit
    this.#ranges = xetHash !== undefined || info.ranges === true
    this.#sequential = xetHash === undefined && !(this.#ranges && isHashed)
  }

  /**
   * Whether nothing could prove the whole file on a full device if its own URL sent the rest. Then all of it comes
   * from there, and is delivered as it is sent.
   */
  get #asSent(): boolean {
    return this.#info.xetHash !== undefined && this.inMemory && !this.#holdsAll
  }

  /**
   * @param signal aborts it; committed pieces stay
   * @throws FerryError `expired-url`, `integrity`, `quota`, `superseded`, `network` and refusals of the hub;
   *   the signal's reason
   */
  async run(signal: AbortSignal): Promise<void> {
    const { store, reconstructions } = this.#tools
    const { content, size, xetHash, sha256 } = this.#info
    const { needed, wanted, onFull, proven } = this.#options
    const readers = {
      needed: () => {
        const ranges = needed?.()
        return ranges && this.#holdsAll ? [{ start: 0, end: size }] : ranges
      },
      waiting: () => wanted().length > 0,
      onFull: () => {
        this.inMemory = true
        const fits = sha256 !== undefined && inMemoryBytes + size <= inMemoryLimit
        // The device may be emptied, and become full again.
        if (fits && !this.#holdsAll) inMemoryBytes += size
        this.#holdsAll ||= fits
        onFull?.()
      },
    }
    const file =
      (this.#isHeldBack &&
        proven &&
        (await stagedFile(this.#tools, this.#info, this.#verifier, proven))) ||
      (await store.begin(content, size, { signal, onLost: () => this.#lose(), readers }))
    this.#file = file
    try {
      for (const run of file.committed) this.#verifier.add(run)
      this.#inherited = new ByteSet(file.committed.map(rangeOf)).ranges
      this.#report()
      for (;;) {
        const losses = this.#losses
        await this.#fetchAll(file, signal)
        const asSent = this.#asSent && this.#verifier.runs.every(({ xorb }) => xorb === '')
        try {
          const isReadable = !this.inMemory || (xetHash !== undefined && !asSent) || this.#holdsAll
          const proof = await proveFile(this.#info, this.#verifier, file, isReadable)
          const compares = proof === 'xet' && (!this.inMemory || this.#holdsAll)
          const other = compares ? await contradictingSha256(this.#info, file) : undefined
          if (proof !== undefined && (await this.#isRight(other, signal)))
            return await this.#finish(file, proof, signal)
          if (other !== undefined) {
            await this.#refuseXetHash(file)
            continue
          }
        } catch (error) {
          if (this.#losses === losses) throw error
        }
        if (this.#losses > losses) continue
        if (this.#usedOwnUrl) throw this.#blocks.repairs.exceeded()
        if (await this.#blocks.reconsider(file, signal)) continue
        // Parallel ranges of a plain server contradicted each other.
        this.#ranges = false
        this.#sequential ||= this.#info.xetHash === undefined
        await this.#blocks.refetchDamaged(file, '')
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
      if (this.#holdsAll) inMemoryBytes -= size
      this.#holdsAll = false
      this.inMemory = false
    }
  }

  /**
   * Whether bytes of the announced Xet hash are the file: the hub's second answer decides if they have another SHA-256
   * than announced.
   */
  async #isRight(sha256: string | undefined, signal: AbortSignal): Promise<boolean> {
    if (sha256 === undefined) return true
    const second = await this.#options.askAgain?.(signal)
    signal.throwIfAborted()
    return second?.sha256 === sha256 && second.xetHash === this.#info.xetHash
  }

  /** From now on the file comes from its own URL, and its SHA-256 proves it. */
  async #refuseXetHash(file: PartialFile): Promise<void> {
    const { url } = this.#info
    const message = 'The hub announced a Xet hash and a SHA-256 of different files.'
    this.#unreported.push(new FerryError('integrity', message, { url, retryable: true }))
    this.#isContradicted = true
    this.#usedOwnUrl = true
    await this.#drop(file, () => true)
  }

  async #finish(file: PartialFile, proof: Proof, signal: AbortSignal): Promise<void> {
    try {
      await file.finish(proof)
    } catch (error) {
      if (!(error instanceof FerryError && error.code === 'quota')) throw error
      // A staged file is only in memory.
      if (file.place === '') throw error
      // All bytes are written and proven; only the record of it does not fit. Readers get the bytes.
      this.#options.unkept?.(error)
      if (this.inMemory && !signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    }
  }

  /** The device's storage was emptied: what could not be written again has to be fetched again. */
  #lose(): void {
    this.#losses += 1
    const lost = this.#verifier.lose(this.#file?.committed ?? [])
    this.#blocks.addLost(new ByteSet(lost.map(rangeOf)).ranges)
    this.#report()
  }

  /** Committed bytes; undefined before the file is open and after it is closed: then the store has them. */
  async read(range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await this.#file?.read(range)
    } catch (error) {
      // It is finished before this download notices, or while it reads.
      if (error instanceof FerryError && error.code === 'closed') return undefined
      throw error
    }
  }

  async #fetchAll(file: PartialFile, signal: AbortSignal): Promise<void> {
    if (this.#sequential || this.#isContradicted) return await this.#fetchPlain(file, signal)
    const { askAgain } = this.#options
    const way = await fetchWithFallback({
      info: this.#info,
      signal,
      outage: new Outage(this.#tools, { signal, waiting: this.#waiting }),
      held: () => this.#verifier.held.size,
      byBlocks: () => this.#blocks.run(file, signal),
      byOwnUrl: async (ranges) => {
        this.#ranges &&= ranges
        await this.#fetchPlain(file, signal)
      },
      askAgain: async () => await askAgain?.(signal),
      moved: (info) => this.#blocks.move(info),
      beforeOwnUrl: async (reason, first) => {
        if (first) this.#unreported.push(reason)
        if (reason instanceof FerryError && reason.code === 'integrity')
          await this.#drop(file, (run) => isMisplaced(reason) || !this.#verifier.agrees(run))
      },
      replan: () => this.#blocks.replan(),
    })
    this.#sequential ||= way === 'sequence'
    this.#usedOwnUrl ||= way === 'own-url'
  }

  #wanted = (): readonly Wanted[] =>
    this.#options.wanted().flatMap((range) => [range, ...this.#verifier.needed(range.start)])

  #arrived = (bytes: number): void => {
    this.#meter.arrived(bytes)
    this.#report()
  }

  #waiting: Waiting = (...wait) => this.#options.waiting?.(...wait)

  async #fetchPlain(file: PartialFile, signal: AbortSignal): Promise<void> {
    const { authorization } = this.#options
    const verifier = this.#verifier
    const unreported = this.#unreported
    verifier.lastRunStart = Math.max(verifier.lastRunStart ?? 0, this.#info.size - sliceLength, 0)
    const asSent = this.#asSent
    // Nothing proves the whole: one response is continued by its own bytes only, and by none from storage.
    const { sha256: _, etag: __, ...plain } = this.#info
    const info = asSent ? plain : this.#info
    if (asSent) await this.#drop(file, () => true)
    const full = new AbortController()
    try {
      await fetchPlain({
        tools: this.#tools,
        info,
        authorization,
        ranges: this.#ranges && !asSent,
        signal: AbortSignal.any([signal, full.signal]),
        get most() {
          return mostTries(info, unreported.at(-1))
        },
        file,
        verifier,
        // The reason why the file's own URL was tried explains more than its own failure.
        waiting: (until, reason, asked) => this.#waiting(until, unreported.at(-1) ?? reason, asked),
        committed: (run) => {
          verifier.add(run)
          if (this.#asSent && !asSent) return full.abort()
          // Bytes of a Xet file are delivered only when a xorb's hash or the SHA-256 of the whole file has proven them.
          if (info.xetHash === undefined || asSent) verifier.acceptAll()
          this.#report()
        },
        arrived: (bytes) => {
          for (const reason of unreported.splice(0)) this.#options.onOwnUrl?.(reason)
          this.#arrived(bytes)
        },
      })
    } catch (error) {
      signal.throwIfAborted()
      if (!full.signal.aborted) throw error
      await this.#fetchPlain(file, signal)
    }
  }

  /** @returns the removed ranges */
  async #drop(file: PartialFile, isBad: (run: JournalRun) => boolean): Promise<ByteRange[]> {
    const given = [...this.#given.ranges, ...this.#inherited]
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
    const { fetching, pieces, reused } = this.#blocks
    const deadline = firstDeadline(pieces)
    const isHeldBack = this.#isHeldBack
    const { releasable, confirmed } = this.#verifier
    if (!isHeldBack)
      for (const range of [...releasable, ...confirmed.ranges]) this.#given.add(range)
    this.#options.report({
      held: held.size,
      ...(this.#file?.place && { place: this.#file.place }),
      committed: held.ranges,
      releasable: isHeldBack ? [] : releasable,
      proven: isHeldBack ? [] : confirmed.ranges,
      inFlight: placesOf(fetching),
      fetched: this.#meter.total,
      reused,
      recalled: [...this.#recalled, ...this.#verifier.changed],
      transfer: this.#name,
      inherited: this.#inherited,
      bytesPerSecond: this.#meter.bytesPerSecond,
      ...(deadline !== undefined && { deadline }),
    })
  }
}
