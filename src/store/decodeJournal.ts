import type { ChunkRow } from '../codec/ChunkRow.ts'
import { crc32 } from './crc32.ts'
import type { FilePart } from './FilePart.ts'
import type { HeldRun } from './HeldRun.ts'
import type { JournalEntry } from './JournalEntry.ts'
import { journalLayout as layout } from './journalLayout.ts'

/** What could be read of a journal. */
interface DecodedJournal {
  readonly entries: readonly JournalEntry[]
  /** Bytes of whole, matching records; what lies behind them does not count. */
  readonly length: number
}

/**
 * Reads journal records up to the first one that is torn or rotten. Never throws.
 *
 * @param bytes from the start of a record
 * @see journalLayout
 */
export function decodeJournal(bytes: Uint8Array<ArrayBuffer>): DecodedJournal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: JournalEntry[] = []
  let at = 0
  while (at + layout.head < bytes.length) {
    const end = at + layout.head + view.getUint32(at, true)
    if (end > bytes.length || !sumMatches(bytes.subarray(at, end), view.getUint32(at + 4, true))) {
      break
    }
    const entry = readBody(bytes.subarray(at + layout.head, end))
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
  if (body[0] === layout.drop && body.length === layout.dropBody) {
    return { kind: 'drop', offset: view.getFloat64(1, true), length: view.getFloat64(9, true) }
  }
  return body[0] === layout.run && body.length >= layout.runHead ? readRun(body, view) : undefined
}

function readRun(body: Uint8Array<ArrayBuffer>, view: DataView): JournalEntry | undefined {
  const partCount = view.getUint32(46, true)
  const rowCount = view.getUint32(50, true)
  const parts: FilePart[] = []
  let at = layout.runHead
  for (let i = 0; i < partCount; i++) {
    const nameEnd = at + 1 + (body[at] ?? 0)
    if (nameEnd + layout.partTail > body.length) return undefined
    parts.push({
      name: String.fromCharCode(...body.subarray(at + 1, nameEnd)),
      offset: view.getFloat64(nameEnd, true),
      at: view.getFloat64(nameEnd + 8, true),
      length: view.getFloat64(nameEnd + 16, true),
    })
    at = nameEnd + layout.partTail
  }
  if (at + rowCount * layout.row !== body.length) return undefined
  const rows: ChunkRow[] = []
  for (; at < body.length; at += layout.row) {
    rows.push({ hash: body.subarray(at, at + 32), length: view.getUint32(at + 32, true) })
  }
  const run: HeldRun = {
    xorb: body[1] === 0 ? '' : hex(body.subarray(14, 46)),
    chunk: view.getUint32(2, true),
    offset: view.getFloat64(6, true),
    rows,
    parts,
  }
  return { kind: 'run', run }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
