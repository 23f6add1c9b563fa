// Opens a file for writing, also after a crash: committed runs are hashed before they count.
import { FerryError } from '../core/index.ts'
import { dataName, Folder, folderName, isLoss } from './folder.ts'
import { filesOf } from './journal.ts'
import { mostLosses, OpenPartial, type OpenedFile } from './partial-file.ts'
import { PieceWriter } from './piece-writer.ts'
import { placesOf, rowStretches, rowsMatch, runEnd, type HeldRun } from './runs.ts'
import { SyncWriter } from './sync-writer.ts'
import type { StoreParts } from './quota.ts'
import type { BeginOptions, CatalogFile, PartialFile } from './store.ts'
import type { DataWriter } from './writer.ts'

/** Read size for bytes of an earlier session. */
const stretchBytes = 8 * 1024 * 1024
/** Between two tries to begin a folder while the storage is being emptied, milliseconds. */
const settleMs = 50

/**
 * Opens a file for writing, in this order: claim the next generation, so that an earlier writer can no longer commit;
 * read its bytes and hash them from disk; start a journal of this generation with the verified runs; only then let
 * the catalog point to that journal. A crash in between loses nothing.
 */
export async function beginPartial(
  parts: StoreParts,
  content: string,
  size: number,
  options: BeginOptions,
): Promise<PartialFile> {
  const { old, entry } = await claim(parts, content, size, options.heal ?? false)
  const folder = new Folder(parts, entry.name)
  const source = old === undefined ? folder : new Folder(parts, old.name)
  const writer = await openWriter(parts, entry, folder)
  try {
    const left = old === undefined ? [] : await parts.journals.held(old, source)
    const right: HeldRun[] = []
    for (const run of left) {
      const fits = runEnd(run) <= size
      if (fits && (await hashesRight(parts, run, source, options.signal))) right.push(run)
    }
    const held = source.name === folder.name ? right : []
    // The entry of a new file names its first journal already, and its folder holds nothing else.
    const begun = old ? await startJournal(parts, entry, writer, held) : entry
    const anew = (lost: CatalogFile): Promise<OpenedFile> => beginAnew(parts, lost)
    const partial = new OpenPartial(
      { entry: begun, writer, folder },
      { ...parts, held, anew, options },
    )
    // Runs in piece files of this folder count where they are, until they have moved.
    const moving = right.filter((run) => !held.includes(run) || !writer.keeps(run.parts))
    for (const run of moving) await move(partial, run, source, options.signal)
    if (moving.length > 0) await partial.flush()
    if (old) await tidy(parts, content, folder)
    return partial
  } catch (error) {
    await writer.close().catch(() => undefined)
    throw error
  }
}

/**
 * Continues a file whose folder was removed, in a new one.
 *
 * @throws FerryError `superseded` when another realm has begun to write the file
 */
async function beginAnew(parts: StoreParts, lost: CatalogFile): Promise<OpenedFile> {
  const { catalog, clock } = parts
  let entry = lost
  for (let left = mostLosses; ; left -= 1) {
    const generation = entry.generation + 1
    const journal = { generation, count: 0 }
    const fresh = { name: folderName(lost.content), generation, journal, held: 0, parts: [] }
    // Kept when the next step fails: the catalog has it, so that an older claim is superseded.
    entry = await catalog.commit(entry, clock.now(), fresh)
    const folder = new Folder(parts, entry.name)
    try {
      return { entry, folder, writer: await openWriter(parts, entry, folder) }
    } catch (error) {
      if (left === 1 || !isLoss(error)) throw error
      await clock.sleep(settleMs)
    }
  }
}

async function claim(
  parts: StoreParts,
  content: string,
  size: number,
  heal: boolean,
): Promise<{ old: CatalogFile | undefined; entry: CatalogFile }> {
  const now = parts.clock.now()
  const fresh = folderName(content)
  let old: CatalogFile | undefined
  const entry = await parts.catalog.updateFile(content, now, (found): CatalogFile => {
    old = found
    if (found === undefined) return newEntry(parts.driver, content, size, fresh, now)
    const complete = found.state === 'complete'
    if (complete && (found.size !== size || !heal))
      throw new FerryError('storage', `${content} is complete on this device.`)
    const generation = found.generation + 1
    const next = { ...found, size, driver: parts.driver, generation, lastUsed: now }
    // The size of an unfinished file is not proven: of two announced sizes, the newer one is tried.
    if (!complete && found.size === size) return next
    const { proof: _, ...rest } = next
    return { ...rest, name: fresh, state: 'partial', held: 0, parts: [] }
  })
  return { old, entry }
}

function newEntry(
  driver: CatalogFile['driver'],
  content: string,
  size: number,
  name: string,
  now: number,
): CatalogFile {
  return {
    content,
    size,
    name,
    state: 'partial',
    driver,
    generation: 1,
    journal: { generation: 1, count: driver === 'sync' ? 1 : 0 },
    createdAt: now,
    lastUsed: now,
    givenAt: 0,
    pinned: false,
    held: 0,
    parts: [],
  }
}

async function openWriter(
  parts: StoreParts,
  entry: CatalogFile,
  folder: Folder,
): Promise<DataWriter> {
  const check = (): Promise<void> => parts.catalog.check(entry)
  await folder.make()
  return parts.driver === 'sync'
    ? await SyncWriter.open(folder, entry.generation, entry.size, check)
    : new PieceWriter(folder, entry.generation)
}

async function hashesRight(
  parts: StoreParts,
  run: HeldRun,
  source: Folder,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const { start, end, rows } of rowStretches(run, stretchBytes)) {
    signal?.throwIfAborted()
    const bytes = await source.read(run.parts, start, end)
    if (bytes === undefined || !rowsMatch(bytes, rows, parts.hasher)) return false
  }
  return true
}

async function startJournal(
  parts: StoreParts,
  entry: CatalogFile,
  writer: DataWriter,
  held: readonly HeldRun[],
): Promise<CatalogFile> {
  const count = await writer.flush(held.map((run) => ({ kind: 'run', run })))
  return parts.catalog.commit(entry, parts.clock.now(), {
    journal: { generation: entry.generation, count },
    ...placesOf(held),
  })
}

async function move(
  partial: PartialFile,
  run: HeldRun,
  source: Folder,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { start, end } of rowStretches(run, stretchBytes)) {
    signal?.throwIfAborted()
    const bytes = await source.read(run.parts, start, end)
    if (bytes !== undefined) await partial.write(start, bytes)
  }
  await partial.commit(run)
}

async function tidy(parts: StoreParts, content: string, folder: Folder): Promise<void> {
  const entry = await parts.catalog.file(content)
  if (entry?.name !== folder.name) return
  const names = filesOf(await parts.journals.held(entry, folder), entry.journal)
  await folder.keepOnly(parts.driver === 'sync' ? new Set([...names, dataName]) : names)
}
