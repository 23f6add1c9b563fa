import { type ByteRange, type ByteSet, FerryError } from '../core/index.ts'
import { hostOf, isTransient, type Waiting } from '../net/index.ts'
import { fetchPiece, RunWriter } from './fetch-piece.ts'
import { isBusy, isUnreachable, Outage } from './fallback.ts'
import type { AskOptions, Block, Descriptor, Run } from '../reconstruction/index.ts'
import type { JournalRun, PartialFile } from '../store/index.ts'
import type { BlockSource } from './blocks.ts'
import type { DownloadTools } from './file-source.ts'
import { ownRanges, rangesOf, type Piece, type Span } from './plan.ts'
import { Underway } from './division.ts'

/** A failed range request. */
interface Failure {
  readonly error: unknown
  /** Whether its URL can expire. */
  readonly expires: boolean
  readonly nearDeadline: boolean
}

/**
 * What to do after a failed range request: retry the same URL, renew the URLs first, or stop. Undecodable bytes were
 * more often damaged in transit than in storage, so they are worth another request.
 */
export function afterFailure({
  error,
  expires,
  nearDeadline,
}: Failure): 'again' | 'renew' | 'stop' {
  if (!(error instanceof FerryError)) return 'stop'
  if (error.code === 'protocol' || error.code === 'integrity') return 'again'
  // A failing disk is no reason to fetch the same bytes again.
  if (error.code === 'storage' || error.code === 'quota') return 'stop'
  if (error.status === undefined && !error.retryable) return 'stop'
  const next = afterStatus({ status: error.status, nearDeadline })
  return next === 'renew' && !expires ? 'again' : next
}

interface FailedRange {
  /** HTTP status; undefined without a readable response. */
  readonly status?: number | undefined
  /** Whether the URL's deadline has passed, or may have passed during the request. */
  readonly nearDeadline: boolean
}

/**
 * What to do after a presigned range request failed: retry the same URL (`again`), `renew` the URLs, or `stop`.
 *
 * Storage refuses an expired URL with 403, sometimes with 400, 401 or 404, and often without CORS headers. A page
 * then sees no status at all, so no response near the deadline counts as a refusal.
 */
export function afterStatus({ status, nearDeadline }: FailedRange): 'again' | 'renew' | 'stop' {
  if (status === undefined) return nearDeadline ? 'renew' : 'again'
  if ([400, 401, 403, 404].includes(status)) return 'renew'
  return isTransient(status) ? 'again' : 'stop'
}

/** Decoded bytes are committed after this many bytes or milliseconds, which limits the loss in a crash. */
export const commitBytes: number = 2 * 2 ** 20
export const commitMs = 1000

/** Dependencies and callbacks of {@link loadPiece}. */
export interface PieceContext {
  readonly tools: Pick<DownloadTools, 'net' | 'pieceMs' | 'hasher' | 'online'>
  readonly blocks: BlockSource
  readonly ask: AskOptions
  readonly signal: AbortSignal
  readonly underway?: Underway
  readonly file: PartialFile
  /** Committed ranges of the file. */
  readonly held: ByteSet
  /** Receives the size of a stored object, if it is readable. */
  readonly located: (descriptor: Descriptor, total: number | undefined) => void
  readonly committed: (run: JournalRun) => void
  /** Removes runs that were committed at wrong offsets. */
  readonly withdraw: (runs: readonly JournalRun[]) => Promise<void>
  /** Removes runs that were committed in ranges that a renewed reconstruction describes differently. */
  readonly relocated: (wrong: readonly ByteRange[]) => Promise<void>
  /** Receives the number of bytes as they arrive. */
  readonly arrived: (bytes: number) => void
  /** Failures without progress after which another source is tried; undefined: by the retry policy. */
  readonly most?: number | undefined
  readonly waiting: Waiting
}

/**
 * Fetches one piece until it is committed: with valid URLs, renewed after a refusal, and again after an aborted
 * connection, a stall or a decoding error. It respects pauses of the storage.
 *
 * @returns ranges that are still missing and must be requested again
 * @throws FerryError `expired-url`, `integrity`, `network`, `timeout`, refusals of the storage; the signal's reason
 */
export async function loadPiece(piece: Piece, context: PieceContext): Promise<ByteRange[]> {
  const { signal, underway = new Underway(), ask } = context
  const early = underway.early.signal
  const either = AbortSignal.any([signal, early])
  try {
    return await load(piece, {
      ...context,
      underway,
      signal: either,
      ask: { ...ask, signal: either },
    })
  } catch (error) {
    if (signal.aborted || !early.aborted) throw error
    return leftOf(piece, { ...context, underway })
  } finally {
    underway.over.abort()
  }
}

/** What another request has to fetch, now that this one is over. */
function leftOf(
  piece: Piece,
  { held, underway }: Required<Pick<PieceContext, 'held' | 'underway'>>,
): ByteRange[] {
  underway.over.abort()
  return ownRanges(piece).flatMap(({ start, end }) =>
    held.missing({ start, end: Math.min(end, underway.until) }),
  )
}

type LoadContext = PieceContext & { readonly underway: Underway }

async function load(piece: Piece, context: LoadContext): Promise<ByteRange[]> {
  const { net } = context.tools
  const outage = new Outage(context.tools, context)
  for (;;) {
    // Before the URL is checked: it may expire during the wait.
    if (net.backoff.left(piece.descriptor.url) <= outage.longestPauseMs)
      await net.backoff.rest(piece.descriptor.url, context)
    const descriptor = await validDescriptor(piece, context)
    // The reconstruction of the file has changed.
    if (descriptor === undefined) return leftOf(piece, context)
    const tried = piece.span.block
    try {
      return await fetchOnce(piece, descriptor, outage.longestPauseMs, context)
    } catch (error) {
      context.signal.throwIfAborted()
      await recover(piece.span, { error, outage, tried }, context)
    }
  }
}

/** The signed range to request. URLs may expire during waits, so the check comes before every request. */
async function validDescriptor(
  { span, descriptor, runs }: Piece,
  context: PieceContext,
): Promise<Descriptor | undefined> {
  const { block } = span
  if (block === undefined) return undefined
  if (!context.blocks.usable(block, context.tools.net.clock.now())) await renew(span, context)
  if (changedRanges(runs, span.block?.runs ?? []).length > 0) return undefined
  return span.block?.descriptors.find(
    ({ xorb, chunks, bytes }) =>
      xorb === descriptor.xorb &&
      chunks.start === descriptor.chunks.start &&
      chunks.end === descriptor.chunks.end &&
      bytes.start === descriptor.bytes.start &&
      bytes.end === descriptor.bytes.end,
  )
}

async function renew(
  span: Span,
  { blocks, ask, relocated }: Pick<PieceContext, 'blocks' | 'ask' | 'relocated'>,
): Promise<void> {
  const { block } = span
  if (block === undefined) return
  const renewed = await blocks.renew(block, ask)
  // Meanwhile another piece may have done the same.
  if (renewed.generation <= span.block!.generation) return
  span.block = renewed
  const wrong = changedRanges(block.runs, renewed.runs)
  if (wrong.length > 0) await relocated(wrong)
}

/** The file ranges of runs that are not the same in another reconstruction. */
function changedRanges(before: readonly Run[], after: readonly Run[]): ByteRange[] {
  const known = new Set(after.map(keyOf))
  return before
    .filter((run) => !known.has(keyOf(run)))
    .map(({ offset, length }) => ({ start: offset, end: offset + length }))
}

function keyOf({ xorb, chunks, offset, length }: Run): string {
  return [xorb, chunks.start, chunks.end, offset, length].join(' ')
}

async function fetchOnce(
  piece: Piece,
  descriptor: Descriptor,
  longestPauseMs: number,
  context: LoadContext,
): Promise<ByteRange[]> {
  const { tools, blocks, file, held, signal, arrived, located, underway } = context
  const { span } = piece
  const generation = span.block?.generation ?? 0
  const done: JournalRun[] = []
  const commit = async (run: JournalRun | undefined): Promise<void> => {
    if (run === undefined) return
    await file.commit(run)
    done.push(run)
    context.committed(run)
  }
  const own = {
    start: span.range.start,
    get end(): number {
      return Math.min(span.range.end, underway.until)
    },
  }
  const writers = piece.runs.map((run) => new RunWriter(run, own, held, file))
  const [first] = writers
  const { start: from, end: to } = descriptor.bytes
  underway.begin(tools.net.clock.now(), to - from, rangesOf(piece.runs))
  let index = descriptor.chunks.start
  let since = tools.net.clock.now()
  const end = async (): Promise<void> => {
    for (const writer of writers) await commit(await writer.end())
    // Not the newest generation: another piece may have renewed the URLs, and the new ones have no progress yet.
    span.progressGeneration = Math.max(span.progressGeneration, generation)
  }
  try {
    const total = await fetchPiece(tools.net, {
      url: descriptor.url,
      bytes: descriptor.bytes,
      headers: blocks.headers(descriptor.bytes),
      decoder: blocks.decoder(tools.hasher),
      check: (response) => blocks.check(response, descriptor.bytes),
      signal,
      waiting: context.waiting,
      answerBy: tools.net.clock.now() + longestPauseMs,
      firstByteMs: tools.pieceMs,
      take: async (chunk) => {
        const late = tools.net.clock.now() - since >= commitMs
        if (late) since = tools.net.clock.now()
        // Before any wait: the chunk's bytes are valid until then.
        for (const writer of writers) writer.take(chunk, index)
        index += 1
        if (first) underway.took(first.run.offset + first.taken)
        for (const writer of writers)
          if (late || writer.waiting >= commitBytes) await commit(await writer.end())
      },
      arrived: (bytes) => {
        underway.received(tools.net.clock.now(), bytes)
        arrived(bytes)
      },
    })
    located(descriptor, total)
    // In a wrong reconstruction, no chunk has a known offset.
    if (index !== descriptor.chunks.end || writers.some(({ run, taken }) => taken !== run.length))
      throw new FerryError('integrity', 'A part of the file has another length.', {
        url: descriptor.url,
        retryable: true,
        errorCode: 'LengthDiffers',
      })
    await end()
    return []
  } catch (error) {
    const wrong = error instanceof FerryError && error.code === 'integrity'
    if (wrong) await context.withdraw(done)
    const some = !wrong && blocks.splits && writers.some(({ kept }) => kept > 0)
    if (!some || !isCut(error, signal)) throw error
    // Decoded bytes are kept; the rest is requested by a narrower call.
    await end()
    return leftOf(piece, context)
  } finally {
    for (const writer of writers) writer.release()
  }
}

interface Recovery {
  readonly error: unknown
  readonly outage: Outage
  readonly tried: Block | undefined
}

async function recover(
  span: Span,
  { error, outage, tried }: Recovery,
  context: PieceContext,
): Promise<void> {
  const { blocks, ask } = context
  const { net } = context.tools
  // Another piece may have renewed the span meanwhile: only the failed URLs count.
  const nearDeadline = tried !== undefined && !blocks.usable(tried, net.clock.now())
  const next = afterFailure({ error, expires: blocks.expires, nearDeadline })
  if (next === 'stop') throw error
  const generation = tried?.generation ?? 0
  const renewals = generation - span.progressGeneration
  if (next === 'renew') {
    if (renewals >= net.retry.renewals) throw stillRefused(error, net.retry.renewals)
    if (generation >= (span.block?.generation ?? 0)) await renew(span, context)
    return
  }
  const url = tried?.descriptors[0]?.url ?? ''
  if (!(await outage.wait(error, url))) throw stillWrong(error, url)
  // The reconstruction may be wrong, or name an unreachable host. So a new one is requested; its failure is ignored.
  const contradicted = error instanceof FerryError && error.errorCode === 'LengthDiffers'
  const failuresUntilDoubt = contradicted ? 1 : isUnreachable(error) ? 3 : 2
  const doubted = outage.failures === failuresUntilDoubt && !isBusy(error)
  if (doubted && blocks.expires && renewals < net.retry.renewals)
    if (generation >= (span.block?.generation ?? 0))
      await renew(span, context).catch((failure: unknown) => {
        ask.signal?.throwIfAborted()
        if (!(failure instanceof FerryError)) throw failure
      })
}

function stillRefused(cause: unknown, renewals: number): FerryError {
  const { message = '', status, url = '' } = cause instanceof FerryError ? cause : {}
  const [code, why] =
    status === 404
      ? (['not-found', 'The bytes are not there, or `endpoints` is wrong'] as const)
      : (['expired-url', 'Check its clock and its signatures'] as const)
  return new FerryError(
    code,
    `${hostOf(url)} refused ${renewals + 1} new presigned URLs in a row. ${why}. ${message}`,
    { retryable: true, cause, status, url },
  )
}

/** A part that never decodes is damaged, for any error of the decoder. */
function stillWrong(error: unknown, url: string): unknown {
  if (!(error instanceof FerryError && error.code === 'protocol')) return error
  return new FerryError(
    'integrity',
    `A part of the file stays malformed; nothing was kept. ${error.message}`,
    { cause: error, url },
  )
}

/** Whether the body ended early, also by the reader's request: the bytes before are correct. */
export function isCut(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true
  return (
    error instanceof FerryError && error.retryable && ['network', 'timeout'].includes(error.code)
  )
}
