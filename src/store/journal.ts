// The journal of an unfinished file: its records, and the runs that follow from them.
import { bytesOfHex, FerryError, hexOf } from '../core/index.ts'
import { runEnd, type HeldRun, type FilePart } from './runs.ts'
import { type Folder, ifMissing } from './folder.ts'
import type { ChunkRow } from '../codec/index.ts'
import type { CatalogFile } from './store.ts'

/** One line of a journal. `drop` removes every run that shares a byte with it. */
export type JournalEntry =
  | { readonly kind: 'run'; readonly run: HeldRun }
  | { readonly kind: 'drop'; readonly offset: number; readonly length: number }

/**
 * The committed runs after these entries. A run replaces an earlier one of the same chunks at the same offset, because
 * its bytes have moved. A drop removes every run that shares a byte with it.
 *
 * @returns by ascending offset
 */
export function applyJournal(
  held: readonly HeldRun[],
  entries: readonly JournalEntry[],
): readonly HeldRun[] {
  const runs = new Map(held.map((run) => [key(run), run]))
  for (const entry of entries) {
    if (entry.kind === 'run') {
      runs.set(key(entry.run), entry.run)
      continue
    }
    const end = entry.offset + entry.length
    for (const [name, run] of runs) {
      if (run.offset < end && runEnd(run) > entry.offset) runs.delete(name)
    }
  }
  return [...runs.values()].toSorted((a, b) => a.offset - b.offset)
}

function key(run: HeldRun): string {
  return `${run.offset} ${run.xorb} ${run.chunk} ${run.rows.length}`
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

/**
 * CRC-32 as in ISO 3309. It detects torn and corrupted journals, not malicious ones.
 *
 * @example crc32(new TextEncoder().encode('123456789')) // 0xcbf43926
 */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/**
 * The journal's bytes, little-endian. A file is a sequence of records, each
 *
 *     u32 length of the body   u32 CRC-32 of the length and the body   body
 *
 * A body is a kind byte and then, for a run:
 *
 *     u8 has a xorb   u32 first chunk   f64 offset   32 B xorb   u32 parts   u32 rows
 *     parts: u8 length of the name, name (ASCII), f64 offset, f64 at, f64 length
 *     rows: 32 B hash, u32 length
 *
 * and for a drop: f64 offset, f64 length. Journals are only appended to. Reading stops at the
 * first truncated record or wrong checksum: later bytes were never acknowledged.
 */
const headLength = 8
const runKind = 1
const dropKind = 2
const runHeadLength = 54
const partTailLength = 24
const rowLength = 36
const dropLength = 17

/** The decoded part of a journal. */
interface DecodedJournal {
  readonly entries: readonly JournalEntry[]
  /** Bytes of complete, matching records; later bytes are ignored. */
  readonly length: number
}

/**
 * Decodes journal records up to the first torn or corrupted one. Never throws.
 *
 * @param bytes from the start of a record
 */
export function decodeJournal(bytes: Uint8Array<ArrayBuffer>): DecodedJournal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: JournalEntry[] = []
  let at = 0
  while (at + headLength < bytes.length) {
    const end = at + headLength + view.getUint32(at, true)
    if (end > bytes.length || !sumMatches(bytes.subarray(at, end), view.getUint32(at + 4, true))) {
      break
    }
    const entry = readBody(bytes.subarray(at + headLength, end))
    if (entry === undefined) break
    entries.push(entry)
    at = end
  }
  return { entries, length: at }
}

function sumMatches(record: Uint8Array, sum: number): boolean {
  const copy = record.slice()
  copy.fill(0, 4, 8)
  return crc32(copy) === sum
}

function readBody(body: Uint8Array<ArrayBuffer>): JournalEntry | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  if (body[0] === dropKind && body.length === dropLength) {
    return { kind: 'drop', offset: view.getFloat64(1, true), length: view.getFloat64(9, true) }
  }
  return body[0] === runKind && body.length >= runHeadLength ? readRun(body, view) : undefined
}

function readRun(body: Uint8Array<ArrayBuffer>, view: DataView): JournalEntry | undefined {
  const partCount = view.getUint32(46, true)
  const rowCount = view.getUint32(50, true)
  const parts: FilePart[] = []
  let at = runHeadLength
  for (let i = 0; i < partCount; i++) {
    const nameEnd = at + 1 + (body[at] ?? 0)
    if (nameEnd + partTailLength > body.length) return undefined
    parts.push({
      name: String.fromCharCode(...body.subarray(at + 1, nameEnd)),
      offset: view.getFloat64(nameEnd, true),
      at: view.getFloat64(nameEnd + 8, true),
      length: view.getFloat64(nameEnd + 16, true),
    })
    at = nameEnd + partTailLength
  }
  if (at + rowCount * rowLength !== body.length) return undefined
  const rows: ChunkRow[] = []
  for (; at < body.length; at += rowLength) {
    rows.push({ hash: body.subarray(at, at + 32), length: view.getUint32(at + 32, true) })
  }
  const run: HeldRun = {
    xorb: body[1] === 0 ? '' : hexOf(body.subarray(14, 46)),
    chunk: view.getUint32(2, true),
    offset: view.getFloat64(6, true),
    rows,
    parts,
  }
  return { kind: 'run', run }
}

/**
 * Name of a journal file inside a model file's folder. Every generation of writers has its own, so that a superseded
 * writer that does not know it yet writes to an ignored file.
 */
export function journalName(generation: number, index: number): string {
  return `${generation}.${index}.journal`
}

/** Chunks whose journal entries are cached in memory: about 6 MB per 160,000, which are 10 GB of model. */
const keptChunks = 640_000

interface ReadSoFar {
  readonly name: string
  readonly generation: number
  /** Whether the file was complete, so that its journal no longer grows. */
  readonly complete: boolean
  readonly count: number
  /** Bytes read of the last journal file; it may have grown since. */
  readonly length: number
  readonly held: readonly HeldRun[]
}

/** Reads journals. They are only appended to, so bytes that were read before are not read again. */
export class JournalReader {
  readonly #read = new Map<string, ReadSoFar>()

  /**
   * @returns committed runs by ascending offset, with the location of their bytes; a missing or torn
   *   journal gives its readable part
   */
  async held(entry: CatalogFile, folder: Folder): Promise<readonly HeldRun[]> {
    const { content, name, state } = entry
    const { generation, count } = entry.journal
    const known = this.#read.get(content)
    const same = known?.name === name && known.generation === generation
    if (same && known.complete) return known.held
    let { held, ...from }: Pick<ReadSoFar, 'held' | 'count' | 'length'> = same
      ? known
      : { count: 1, length: 0, held: [] }
    for (let index = from.count - 1; index < count; index++) {
      const known = index === from.count - 1 ? from.length : 0
      const read = folder.readFrom(journalName(generation, index), known)
      const bytes = await read.catch(ifMissing)
      const { entries, length } = decodeJournal(bytes ?? new Uint8Array())
      held = applyJournal(held, entries)
      from = { count: index + 1, length: known + length }
    }
    this.#read.delete(content)
    const complete = state === 'complete'
    this.#read.set(content, { name, generation, complete, ...from, held })
    let chunks = 0
    for (const [other, { held }] of [...this.#read].toReversed()) {
      for (const { rows } of held) chunks += rows.length
      if (chunks > keptChunks) this.#read.delete(other)
    }
    return held
  }
}

/**
 * Encodes these entries as journal records to append.
 *
 * @throws FerryError `protocol` when a xorb is neither '' nor 64 hex digits
 */
export function encodeJournal(entries: readonly JournalEntry[]): Uint8Array<ArrayBuffer> {
  const total = entries.reduce((sum, entry) => sum + headLength + bodyLength(entry), 0)
  const bytes = new Uint8Array(total)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const entry of entries) {
    const end = at + headLength + bodyLength(entry)
    view.setUint32(at, end - at - headLength, true)
    if (entry.kind === 'run') writeRun(bytes, view, at + headLength, entry.run)
    else writeDrop(view, at + headLength, entry)
    // The checksum includes the length; it is computed with zeros in its own place.
    view.setUint32(at + 4, crc32(bytes.subarray(at, end)), true)
    at = end
  }
  return bytes
}

function bodyLength(entry: JournalEntry): number {
  if (entry.kind === 'drop') return dropLength
  const { parts, rows } = entry.run
  const names = parts.reduce((sum, part) => sum + 1 + part.name.length + partTailLength, 0)
  return runHeadLength + names + rows.length * rowLength
}

function writeDrop(view: DataView, at: number, drop: { offset: number; length: number }): void {
  view.setUint8(at, dropKind)
  view.setFloat64(at + 1, drop.offset, true)
  view.setFloat64(at + 9, drop.length, true)
}

function writeRun(bytes: Uint8Array, view: DataView, start: number, run: HeldRun): void {
  view.setUint8(start, runKind)
  view.setUint8(start + 1, run.xorb === '' ? 0 : 1)
  view.setUint32(start + 2, run.chunk, true)
  view.setFloat64(start + 6, run.offset, true)
  bytes.set(xorbBytes(run.xorb), start + 14)
  view.setUint32(start + 46, run.parts.length, true)
  view.setUint32(start + 50, run.rows.length, true)
  let at = start + runHeadLength
  for (const part of run.parts) {
    view.setUint8(at++, part.name.length)
    for (let i = 0; i < part.name.length; i++) view.setUint8(at++, part.name.charCodeAt(i))
    view.setFloat64(at, part.offset, true)
    view.setFloat64(at + 8, part.at, true)
    view.setFloat64(at + 16, part.length, true)
    at += partTailLength
  }
  for (const row of run.rows) {
    bytes.set(row.hash, at)
    view.setUint32(at + 32, row.length, true)
    at += rowLength
  }
}

function xorbBytes(xorb: string): Uint8Array {
  if (xorb !== '' && !/^[0-9a-f]{64}$/.test(xorb))
    throw new FerryError('protocol', `"${xorb.slice(0, 80)}" is not 64 lower-case hex digits.`)
  return bytesOfHex(xorb)
}

/** Names of the OPFS files that committed runs and their journal need. */
export function filesOf(
  held: readonly HeldRun[],
  journal: CatalogFile['journal'],
): ReadonlySet<string> {
  return new Set([
    ...held.flatMap((run) => run.parts.map((part) => part.name)),
    ...Array.from({ length: journal.count }, (_, index) => journalName(journal.generation, index)),
  ])
}
