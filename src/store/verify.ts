// Hashes the stored bytes of a file again, for ferry.verify() and the checks in the background.
import { createSha256, fileHash } from '../codec/index.ts'
import { type ByteRange, FerryError } from '../core/index.ts'
import { hashesIn } from '../address/index.ts'
import { Folder, folderName, ifMissing } from './folder.ts'
import { rowsMatch, rowsOfFile, rowStretches, placesOf, runEnd, type HeldRun } from './runs.ts'
import { SyncWriter } from './sync-writer.ts'
import type { StoreParts } from './quota.ts'
import type { CatalogFile, Verification, VerifyOptions } from './store.ts'

const stretchBytes = 8 * 1024 * 1024

/**
 * Hashes a stored file again: each chunk against the journal, for a complete file also that no byte is missing, and
 * for a Xet file that the chunks match its file hash. The first time, the SHA-256 that was announced with the Xet hash is
 * compared too.
 */
export async function verifyFile(
  parts: StoreParts,
  entry: CatalogFile,
  { signal, pause }: VerifyOptions,
): Promise<Verification> {
  const folder = new Folder(parts, entry.name)
  const held = await parts.journals.held(entry, folder)
  const damaged: ByteRange[] = []
  const addDamaged = (range: ByteRange): void => {
    const last = damaged.at(-1)
    if (last?.end !== range.start) damaged.push(range)
    else damaged.splice(-1, 1, { start: last.start, end: range.end })
  }
  const { sha256 } = hashesIn(entry.content)
  const isNew = entry.proof === 'xet' && entry.checkedAt === undefined
  const hash = isNew && sha256 !== undefined ? await createSha256() : undefined
  let bytes = 0
  let next = 0
  let gone = held.length === 0
  const ifGone = (error: unknown): undefined => {
    ifMissing(error)
    gone = true
  }
  for (const run of held) {
    if (entry.state === 'complete' && run.offset > next)
      addDamaged({ start: next, end: run.offset })
    for (const stretch of rowStretches(run, stretchBytes)) {
      signal?.throwIfAborted()
      const begun = parts.clock.now()
      const read = await folder.read(run.parts, stretch.start, stretch.end).catch(ifGone)
      for (const range of wrongChunks(parts, stretch, read)) addDamaged(range)
      if (read) hash?.update(read.subarray(Math.max(0, next - stretch.start)))
      await pause?.(parts.clock.now() - begun)
      bytes += stretch.end - stretch.start
      next = Math.max(next, stretch.end)
    }
  }
  if (entry.state === 'complete' && next < entry.size) addDamaged({ start: next, end: entry.size })
  if (damaged.length === 0 && !rowsAreTheFile(parts, entry, held))
    addDamaged({ start: 0, end: entry.size })
  const contradicts = damaged.length === 0 && hash !== undefined && hash.hex() !== sha256
  if (contradicts) addDamaged({ start: 0, end: entry.size })
  return {
    name: entry.name,
    intact: damaged.length === 0,
    bytes,
    damaged,
    gone,
    ...(contradicts && { contradicts }),
  }
}

function wrongChunks(
  parts: StoreParts,
  stretch: { start: number; end: number; rows: HeldRun['rows'] },
  bytes: Uint8Array | undefined,
): ByteRange[] {
  if (bytes !== undefined && rowsMatch(bytes, stretch.rows, parts.hasher)) return []
  const wrong: ByteRange[] = []
  let start = stretch.start
  for (const row of stretch.rows) {
    const end = start + row.length
    const chunk = bytes?.subarray(start - stretch.start, end - stretch.start)
    if (chunk === undefined || !rowsMatch(chunk, [row], parts.hasher)) wrong.push({ start, end })
    start = end
  }
  return wrong
}

function rowsAreTheFile(parts: StoreParts, entry: CatalogFile, held: readonly HeldRun[]): boolean {
  const { xetHash, sha256 } = hashesIn(entry.content)
  // Bytes of the file's own URL, which the SHA-256 has proven, are not divided into Xet's chunks.
  const undivided = entry.proof === 'sha256' && sha256 !== undefined
  if (xetHash === undefined || undivided || entry.state !== 'complete') return true
  const rows = rowsOfFile(held, entry.size)
  return rows !== undefined && fileHash(rows, parts.hasher) === xetHash
}

/**
 * Writes a finished file's pieces into one file in a new folder and replaces the catalog entry. Until then the pieces
 * are served; afterwards they stay as long as a response may read them.
 *
 * @throws FerryError `integrity` when a piece is damaged; the catalog is then unchanged
 */
export async function mergePieces(
  parts: StoreParts,
  entry: CatalogFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { catalog, clock, journals } = parts
  const source = new Folder(parts, entry.name)
  const folder = new Folder(parts, folderName(entry.content))
  const generation = entry.generation + 1
  await catalog.announce(folder.name, clock.now())
  await folder.make()
  const writer = await SyncWriter.open(folder, generation, entry.size, () => catalog.check(entry))
  const runs: HeldRun[] = []
  try {
    for (const run of await journals.held(entry, source)) {
      for (const { start, end, rows } of rowStretches(run, stretchBytes)) {
        signal?.throwIfAborted()
        const bytes = await source.read(run.parts, start, end)
        if (bytes === undefined || !rowsMatch(bytes, rows, parts.hasher))
          throw damaged(entry, start)
        await writer.write(start, bytes)
      }
      runs.push({ ...run, parts: await writer.place({ start: run.offset, end: runEnd(run) }) })
    }
    const count = await writer.flush(runs.map((run) => ({ kind: 'run', run })))
    await catalog.commit(entry, clock.now(), {
      name: folder.name,
      driver: 'sync',
      generation,
      journal: { generation, count },
      ...placesOf(runs),
    })
  } catch (error) {
    await writer.close()
    await folder.remove(catalog)
    throw error
  }
}

function damaged(entry: CatalogFile, at: number): FerryError {
  return new FerryError('integrity', `${entry.content} is damaged at ${at} on this device.`)
}
