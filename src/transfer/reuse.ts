import { type ByteRange, ByteSet, overlaps } from '../core/index.ts'
import {
  chunksOfRun,
  rangeOf,
  rowsMatch,
  type HeldChunk,
  type JournalRun,
  type PartialFile,
  type Store,
} from '../store/index.ts'
import { contradicts } from './reconstruction-check.ts'
import { type Piece, piecesOf } from './plan.ts'
import type { ChunkRow } from '../codec/index.ts'
import type { Block, Run } from '../reconstruction/index.ts'
import type { DownloadTools } from './file-source.ts'
import type { ChunkVerifier } from './chunk-verifier.ts'

/** Chunks that are contiguous in the xorb, in the new file, and in one file on the device. */
export interface Stretch {
  /** Content id of the file on the device. */
  readonly content: string
  /** Their range in it. */
  readonly source: ByteRange
  /** Index of the first one within the xorb. */
  readonly chunk: number
  /** Offset of the first one in the new file. */
  readonly offset: number
  readonly rows: readonly ChunkRow[]
}

/** The copies, by the end of the run from which offsets are known; the most certain come first. */
export interface Reusable {
  /** Ascending. */
  readonly front: readonly Stretch[]
  /** Descending. */
  readonly back: readonly Stretch[]
}

/** A chunk with its offset in the new file. */
interface Placed {
  readonly chunk: HeldChunk
  readonly offset: number
}

/**
 * Finds which chunks of a run can be copied from files on the device. A reconstruction has no chunk lengths: from
 * either end of a run, chunks have a known offset up to the first one that is not on the device.
 *
 * @param own range of the file in which a chunk must begin, as for fetches
 * @param chunks the run's chunks that are on the device, by index
 * @param held committed ranges of the file, which are not copied again
 * @param most maximum bytes of one copy (or one chunk, when that is longer)
 */
export function findReusable(
  run: Run,
  own: ByteRange,
  chunks: ReadonlyMap<number, HeldChunk>,
  held: ByteSet,
  most: number,
): Reusable {
  const end = run.offset + run.length
  const front: Placed[] = []
  let at = run.offset
  for (let index = run.chunks.start; index < run.chunks.end; index += 1) {
    const chunk = chunks.get(index)
    if (!chunk || at + chunk.length > end) break
    front.push({ chunk, offset: at })
    at += chunk.length
  }
  const back: Placed[] = []
  let until = end
  for (let index = run.chunks.end - 1; index >= run.chunks.start + front.length; index -= 1) {
    const chunk = chunks.get(index)
    if (!chunk || until - chunk.length < at) break
    until -= chunk.length
    back.push({ chunk, offset: until })
  }
  const missing = ({ chunk, offset }: Placed): boolean =>
    own.start <= offset &&
    offset < own.end &&
    !held.ranges.some((range) => overlaps(range, { start: offset, end: offset + chunk.length }))
  return {
    front: stretchesOf(front.filter(missing), most),
    back: stretchesOf(back.toReversed().filter(missing), most).toReversed(),
  }
}

function stretchesOf(placed: readonly Placed[], most: number): Stretch[] {
  const stretches: Stretch[] = []
  for (const { chunk, offset } of placed) {
    const row = { hash: chunk.hash, length: chunk.length }
    const source = { start: chunk.offset, end: chunk.offset + chunk.length }
    const last = stretches.at(-1)
    const joins =
      last !== undefined &&
      last.content === chunk.content &&
      last.source.end === source.start &&
      last.chunk + last.rows.length === chunk.chunk &&
      source.end - last.source.start <= most
    if (joins)
      stretches[stretches.length - 1] = {
        ...last,
        source: { start: last.source.start, end: source.end },
        rows: [...last.rows, row],
      }
    else stretches.push({ content: chunk.content, source, chunk: chunk.chunk, offset, rows: [row] })
  }
  return stretches
}

/** Bytes read at once: the memory limit, for any size of a run. */
const stretchLength = 4 * 2 ** 20

/** Dependencies of a copy; the signal aborts it between two reads. */
interface ReuseTools extends Pick<DownloadTools, 'hasher'> {
  readonly store: Pick<Store, 'chunksOf' | 'peek'>
  readonly signal?: AbortSignal
}

/**
 * Copies chunks of a block that are already on the device, in other files or elsewhere in this one, so that only the
 * rest is fetched. Every chunk is hashed when it is read; from the first damaged one on, the rest is fetched from the
 * network.
 *
 * @returns number of copied bytes
 */
export async function reuseChunks(
  { range, runs }: Pick<Block, 'range' | 'runs'>,
  verifier: ChunkVerifier,
  file: PartialFile,
  tools: ReuseTools,
): Promise<number> {
  let copied = 0
  for (const run of runs) {
    const here = { start: run.offset, end: run.offset + run.length }
    if (run.xorb === '' || verifier.held.covers(here)) continue
    const chunks = new Map(
      (await tools.store.chunksOf(run.xorb)).map((chunk) => [chunk.chunk, chunk]),
    )
    const reusable = findReusable(
      run,
      range,
      chunks,
      new ByteSet(verifier.held.ranges),
      stretchLength,
    )
    for (const side of [reusable.front, reusable.back]) {
      for (const stretch of side) {
        tools.signal?.throwIfAborted()
        if (!(await copy(stretch, run.xorb, verifier, file, tools))) break
        copied += stretch.source.end - stretch.source.start
      }
    }
  }
  return copied
}

/** @returns false, without a write, when a chunk has a wrong hash */
async function copy(
  { content, source, chunk, offset, rows }: Stretch,
  xorb: string,
  verifier: ChunkVerifier,
  file: PartialFile,
  { store, hasher }: ReuseTools,
): Promise<boolean> {
  const bytes = await store.peek(content, source)
  if (bytes === undefined) return false
  if (!rowsMatch(bytes, rows, hasher)) return false
  await file.write(offset, bytes)
  const run = { xorb, chunk, offset, rows }
  await file.commit(run)
  verifier.add(run)
  return true
}

/**
 * The runs of a piece to fetch after copying those that the file has completely elsewhere.
 *
 * @param tools `copies`: whether committed bytes of the file are reliable enough to be copied
 */
export async function withoutCopies(
  { span, descriptor, runs }: Piece,
  verifier: ChunkVerifier,
  file: PartialFile,
  { copies, ...tools }: Omit<ReuseTools, 'store'> & { readonly copies: boolean },
): Promise<Piece | undefined> {
  const known = copies ? runs.filter((run) => verifier.knows(run)) : []
  const store = ownChunks(verifier, file)
  await reuseChunks({ range: span.range, runs: known }, verifier, file, { ...tools, store })
  return piecesOf(span, { runs, descriptors: [descriptor] }, verifier.held)[0]
}

/** A file in transfer as a source for itself: it may use a chunk in many places. */
function ownChunks(verifier: ChunkVerifier, file: PartialFile): Pick<Store, 'chunksOf' | 'peek'> {
  return {
    chunksOf: async (xorb) =>
      verifier.runs.filter((run) => run.xorb === xorb).flatMap((run) => chunksOfRun('', run)),
    peek: async (_, range) => {
      if (!verifier.held.covers(range)) return undefined
      const bytes = await file.read(range).catch(() => undefined)
      // Meanwhile it may have been found damaged, or lost.
      return verifier.held.covers(range) ? bytes : undefined
    },
  }
}

/** Most bytes that are in memory while chunks change places: a xorb. */
const mostMoved = 64 * 2 ** 20

/**
 * Moves committed chunks to the places that new reconstructions of the file name. What cannot be moved is removed.
 *
 * @param drop removes runs
 */
export async function moveChunks(
  verifier: ChunkVerifier,
  file: PartialFile,
  {
    drop,
    ...tools
  }: Omit<ReuseTools, 'store'> & {
    readonly drop: (isBad: (run: JournalRun) => boolean) => Promise<unknown>
  },
): Promise<void> {
  const blocks = verifier.reconstructions.all
  const wrong = new Set(
    verifier.runs.filter((run) => {
      const near = blocks.filter(({ range }) => overlaps(range, rangeOf(run)))
      return !fit([run], near)
    }),
  )
  const used = new Set(blocks.flatMap(({ runs }) => runs.map(({ xorb }) => xorb)))
  const lifted: { readonly run: JournalRun; readonly bytes: Uint8Array<ArrayBuffer> }[] = []
  const own = ownChunks(verifier, file)
  const store: ReuseTools['store'] = {
    chunksOf: async (xorb) => [
      ...lifted.flatMap(({ run }, at) =>
        run.xorb === xorb ? chunksOfRun(String(at), { ...run, offset: 0 }) : [],
      ),
      ...(await own.chunksOf(xorb)),
    ],
    peek: async (content, range) =>
      content === ''
        ? await own.peek(content, range)
        : lifted[Number(content)]?.bytes.slice(range.start, range.end),
  }
  for (const { range, runs } of blocks)
    for (const run of runs) {
      const place = { start: run.offset, end: run.offset + run.length }
      const leaving = verifier.runs.filter((one) => wrong.has(one) && overlaps(rangeOf(one), place))
      for (const one of leaving) {
        const from = rangeOf(one)
        const size = lifted.reduce((sum, { bytes }) => sum + bytes.length, from.end - from.start)
        if (!used.has(one.xorb) || size > mostMoved || verifier.knows(placeOf(one), leaving))
          continue
        const bytes = await own.peek('', from)
        if (bytes) lifted.push({ run: one, bytes })
      }
      if (leaving.length > 0) await drop((one) => leaving.includes(one))
      if (wrong.size > 0)
        await reuseChunks({ range, runs: [run] }, verifier, file, { ...tools, store })
    }
}

/** Whether committed runs may be where reconstructions place them. */
export function fit(
  runs: readonly JournalRun[],
  reconstructions: readonly Pick<Block, 'range' | 'runs'>[],
): boolean {
  const placed = runs.filter(({ xorb }) => xorb !== '').map(placeOf)
  placed.sort((a, b) => a.offset - b.offset)
  return reconstructions.every(({ runs }) => !contradicts(placed, runs))
}

/** A committed run as a reconstruction would name it. */
function placeOf(run: JournalRun): Run {
  const { start: offset, end } = rangeOf(run)
  const chunks = { start: run.chunk, end: run.chunk + run.rows.length }
  return { xorb: run.xorb, chunks, offset, length: end - offset }
}
