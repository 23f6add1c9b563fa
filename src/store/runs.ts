// Committed runs of a file: their ranges, parts and chunks. Pure functions.
import { type Database, openDatabase } from '../platform/index.ts'
import type { ByteRange } from '../core/index.ts'
import { get, promisifyRequest } from 'idb-keyval'
import type { ChunkRow, Hasher } from '../codec/index.ts'

/** A committed range of a file: consecutive chunks of one xorb, with their hashes. */
export interface JournalRun {
  /** 64 hex; '' for files that are not on Xet, whose rows are slices of a fixed size. */
  readonly xorb: string
  /** Index of the first chunk within the xorb. */
  readonly chunk: number
  /** Offset of the first byte in the file. */
  readonly offset: number
  /** At least one; their lengths add up to the length of the run. */
  readonly rows: readonly ChunkRow[]
}

/** A committed run with the location of its bytes: ordered parts that cover it without gaps. */
export interface HeldRun extends JournalRun {
  readonly parts: readonly FilePart[]
}

/** A chunk that is already on the device: read its bytes with `store.peek` and check them by `hash`. */
export interface HeldChunk {
  /** Content id of the stored file that contains it. */
  readonly content: string
  /** Index within the xorb. */
  readonly chunk: number
  /** First byte in the stored file. */
  readonly offset: number
  readonly length: number
  /** 32 raw bytes. */
  readonly hash: Uint8Array<ArrayBuffer>
}

/** The location of a range of a file on the device. */
export interface FilePart {
  /** Name of the OPFS file inside the model file's folder. */
  readonly name: string
  /** First byte of the range in the model file. */
  readonly offset: number
  /** First byte of the range in the OPFS file. */
  readonly at: number
  readonly length: number
}

/** Bytes of a run of chunks. */
export function runLength(run: { readonly rows: readonly ChunkRow[] }): number {
  let length = 0
  for (const row of run.rows) length += row.length
  return length
}

/** After the last byte of a run, in the file. */
export function runEnd(run: JournalRun): number {
  return run.offset + runLength(run)
}

/** The range of the file that a committed run covers. */
export function rangeOf(run: JournalRun): ByteRange {
  return { start: run.offset, end: runEnd(run) }
}

/** Some consecutive chunks of a run. */
interface RowStretch extends ByteRange {
  readonly rows: readonly ChunkRow[]
}

/** Splits a run into parts of whole chunks, each up to `most` bytes (or one longer chunk). */
export function* rowStretches(
  run: { readonly offset: number; readonly rows: readonly ChunkRow[] },
  most: number,
): Iterable<RowStretch> {
  let rows: ChunkRow[] = []
  let start = run.offset
  let end = run.offset
  for (const row of run.rows) {
    if (rows.length > 0 && end + row.length - start > most) {
      yield { start, end, rows }
      rows = []
      start = end
    }
    rows.push(row)
    end += row.length
  }
  if (rows.length > 0) yield { start, end, rows }
}

/** Whether two rows describe the same bytes. */
export function sameRow(a: ChunkRow, b: ChunkRow): boolean {
  return a.length === b.length && a.hash.every((byte, at) => byte === b.hash[at])
}

/**
 * The rows of a whole file, in its order. Runs may overlap when a chunk was committed twice.
 *
 * @returns undefined while rows are missing or contradict each other
 */
export function rowsOfFile(runs: readonly JournalRun[], size: number): ChunkRow[] | undefined {
  const rows = new Map<number, ChunkRow>()
  let end = 0
  for (const run of runs.toSorted((a, b) => a.offset - b.offset))
    for (const chunk of chunksOfRun('', run)) {
      const at = chunk.offset
      const known = rows.get(at)
      if (at > end || (at < end && !(known && sameRow(known, chunk)))) return undefined
      rows.set(at, chunk)
      end = Math.max(end, at + chunk.length)
    }
  return end === size ? [...rows.values()] : undefined
}

/** Whether these bytes are exactly the chunks that the rows describe. */
export function rowsMatch(bytes: Uint8Array, rows: readonly ChunkRow[], hasher: Hasher): boolean {
  let at = 0
  for (const row of rows) {
    const { length } = row
    const hash = hasher.chunk(bytes.subarray(at, at + length))
    if (!sameRow({ hash, length }, row)) return false
    at += length
  }
  return at === bytes.length
}

/** The part of a run whose chunks share a byte with a range; without rows when none does. */
interface RunPart {
  readonly offset: number
  readonly rows: readonly ChunkRow[]
}

/** Reduces a run to the whole chunks that are needed for a range of the file. */
export function rowsWithin(run: RunPart, range: ByteRange): RunPart {
  let offset = run.offset
  let start = run.offset
  const rows: ChunkRow[] = []
  for (const row of run.rows) {
    const end = start + row.length
    if (end > range.start && start < range.end) {
      if (rows.length === 0) offset = start
      rows.push(row)
    }
    start = end
  }
  return { offset, rows }
}

/**
 * The smallest list of parts with the same bytes: without overlaps, and adjacent parts that are adjacent in their
 * file too are merged. When two parts contain the same range, either is valid: both were hashed.
 *
 * @returns by ascending offset
 */
export function mergeParts(parts: readonly FilePart[]): readonly FilePart[] {
  const merged: FilePart[] = []
  for (const part of parts.toSorted((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1)
    const end = last === undefined ? 0 : last.offset + last.length
    const surplus = Math.max(0, end - part.offset)
    if (surplus >= part.length) continue
    const rest = {
      name: part.name,
      offset: part.offset + surplus,
      at: part.at + surplus,
      length: part.length - surplus,
    }
    const joins =
      last !== undefined &&
      last.name === rest.name &&
      end === rest.offset &&
      last.at + last.length === rest.at
    if (joins) merged.splice(-1, 1, { ...last, length: last.length + rest.length })
    else merged.push(rest)
  }
  return merged
}

/** Where the bytes of committed runs are, and how many: a catalog entry's values. */
export function placesOf(runs: readonly HeldRun[]): { parts: readonly FilePart[]; held: number } {
  const parts = mergeParts(runs.flatMap((run) => run.parts))
  return { parts, held: parts.reduce((sum, { length }) => sum + length, 0) }
}

/** The chunks of a committed run, each with its offset in the file. */
export function chunksOfRun(content: string, { chunk, offset, rows }: JournalRun): HeldChunk[] {
  let at = offset
  return rows.map(({ hash, length }, index) => {
    const held = { content, chunk: chunk + index, offset: at, length, hash }
    at += length
    return held
  })
}

/**
 * Which files contain chunks of a xorb. It is only a hint: the journals are authoritative. So this database may be
 * outdated or deleted, and then chunks are fetched again.
 */
export class ChunkIndex {
  readonly #store: Database

  /** @param root first part of the database's name */
  constructor(root: string) {
    this.#store = openDatabase(`${root}-chunks`, 'chunks')
  }

  /** Content ids. */
  async contents(xorb: string): Promise<readonly string[]> {
    return (await get<string[]>(xorb, this.#store)) ?? []
  }

  add(xorbs: Iterable<string>, content: string): Promise<void> {
    return this.#change(xorbs, (contents) => [...new Set([...contents, content])])
  }

  remove(xorbs: Iterable<string>, content: string): Promise<void> {
    return this.#change(xorbs, (contents) => contents.filter((other) => other !== content))
  }

  clear(): Promise<void> {
    return this.#store.change(async (store) => void store.clear())
  }

  async #change(
    xorbs: Iterable<string>,
    next: (contents: readonly string[]) => string[],
  ): Promise<void> {
    const names = [...xorbs]
    if (names.length === 0) return
    await this.#store.change(async (store) => {
      for (const xorb of names) {
        const old = await promisifyRequest<string[] | undefined>(store.get(xorb))
        const contents = next(old ?? [])
        if (contents.length === 0) store.delete(xorb)
        else store.put(contents, xorb)
      }
    })
  }
}

/** Looks up a xorb's chunks in the journals of the index; dead entries are removed. */
export async function heldChunks<Entry>(
  index: ChunkIndex,
  xorb: string,
  entries: (contents: readonly string[]) => Promise<readonly (Entry | undefined)[]>,
  journal: (entry: Entry) => Promise<readonly JournalRun[]>,
): Promise<readonly HeldChunk[]> {
  const chunks: HeldChunk[] = []
  const contents = await index.contents(xorb)
  const files = await entries(contents)
  for (const [at, content] of contents.entries()) {
    const file = files[at]
    const runs = file ? (await journal(file)).filter((run) => run.xorb === xorb) : []
    if (runs.length === 0) await index.remove([xorb], content)
    for (const run of runs) chunks.push(...chunksOfRun(content, run))
  }
  return chunks
}

/** The rows of one xorb's runs, by chunk. @returns undefined when two rows of one chunk differ */
export function rowsByIndex(runs: readonly JournalRun[]): Map<number, ChunkRow> | undefined {
  const rows = new Map<number, ChunkRow>()
  for (const run of runs) {
    for (const [at, row] of run.rows.entries()) {
      const known = rows.get(run.chunk + at)
      if (known && !sameRow(known, row)) return undefined
      rows.set(run.chunk + at, row)
    }
  }
  return rows
}
