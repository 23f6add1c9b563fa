import { FerryError } from '../core/FerryError.ts'
import { crc32 } from './crc32.ts'
import type { HeldRun } from './HeldRun.ts'
import type { JournalEntry } from './JournalEntry.ts'
import { journalLayout as layout } from './journalLayout.ts'

/**
 * Journal records for these entries, to be appended.
 *
 * @throws FerryError `protocol` when a xorb is neither '' nor 64 hex digits
 * @see journalLayout
 */
export function encodeJournal(entries: readonly JournalEntry[]): Uint8Array<ArrayBuffer> {
  const total = entries.reduce((sum, entry) => sum + layout.head + bodyLength(entry), 0)
  const bytes = new Uint8Array(total)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const entry of entries) {
    const end = at + layout.head + bodyLength(entry)
    view.setUint32(at, end - at - layout.head, true)
    if (entry.kind === 'run') writeRun(bytes, view, at + layout.head, entry.run)
    else writeDrop(view, at + layout.head, entry)
    // The sum goes over the length too: it is computed with zeros in the place of the sum itself.
    view.setUint32(at + 4, crc32(bytes.subarray(at, end)), true)
    at = end
  }
  return bytes
}

function bodyLength(entry: JournalEntry): number {
  if (entry.kind === 'drop') return layout.dropBody
  const { parts, rows } = entry.run
  const names = parts.reduce((sum, part) => sum + 1 + part.name.length + layout.partTail, 0)
  return layout.runHead + names + rows.length * layout.row
}

function writeDrop(view: DataView, at: number, drop: { offset: number; length: number }): void {
  view.setUint8(at, layout.drop)
  view.setFloat64(at + 1, drop.offset, true)
  view.setFloat64(at + 9, drop.length, true)
}

function writeRun(bytes: Uint8Array, view: DataView, start: number, run: HeldRun): void {
  view.setUint8(start, layout.run)
  view.setUint8(start + 1, run.xorb === '' ? 0 : 1)
  view.setUint32(start + 2, run.chunk, true)
  view.setFloat64(start + 6, run.offset, true)
  bytes.set(xorbBytes(run.xorb), start + 14)
  view.setUint32(start + 46, run.parts.length, true)
  view.setUint32(start + 50, run.rows.length, true)
  let at = start + layout.runHead
  for (const part of run.parts) {
    view.setUint8(at++, part.name.length)
    for (let i = 0; i < part.name.length; i++) view.setUint8(at++, part.name.charCodeAt(i))
    view.setFloat64(at, part.offset, true)
    view.setFloat64(at + 8, part.at, true)
    view.setFloat64(at + 16, part.length, true)
    at += layout.partTail
  }
  for (const row of run.rows) {
    bytes.set(row.hash, at)
    view.setUint32(at + 32, row.length, true)
    at += layout.row
  }
}

function xorbBytes(xorb: string): Uint8Array {
  if (xorb !== '' && !/^[0-9a-f]{64}$/.test(xorb)) {
    throw new FerryError(
      'protocol',
      `A xorb is named by 64 lower-case hex digits, but this one is "${xorb.slice(0, 80)}".`,
    )
  }
  return Uint8Array.from(xorb.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
