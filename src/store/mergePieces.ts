import { FerryError } from '../core/FerryError.ts'
import type { CatalogFile } from './CatalogFile.ts'
import { Folder } from './Folder.ts'
import { folderName } from './folderName.ts'
import type { HeldRun } from './HeldRun.ts'
import { mergeParts } from './mergeParts.ts'
import { rowsMatch } from './rowsMatch.ts'
import { rowStretches } from './rowStretches.ts'
import type { StoreRoom } from './StoreRoom.ts'
import { SyncWriter } from './SyncWriter.ts'

const stretchBytes = 8 * 1024 * 1024

/**
 * Writes a finished file's pieces into one file in a new folder and swaps the catalog's entry. Until then the
 * pieces are served, and after it they stay as long as an answer may read them.
 *
 * @throws FerryError `integrity` when a piece is damaged; the catalog is as before then
 */
export async function mergePieces(
  room: StoreRoom,
  entry: CatalogFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { catalog, clock, journals } = room
  const source = new Folder(room.root, entry.name, clock)
  const folder = new Folder(room.root, folderName(entry.content), clock)
  const generation = entry.generation + 1
  await catalog.announce(folder.name, clock.now())
  const writer = await SyncWriter.open(folder, generation, entry.size, () => catalog.check(entry))
  const runs: HeldRun[] = []
  try {
    for (const run of await journals.held(entry, source)) {
      for (const { start, end, rows } of rowStretches(run, stretchBytes)) {
        signal?.throwIfAborted()
        const bytes = await source.read(run.parts, start, end)
        if (bytes === undefined || !rowsMatch(bytes, rows, room.hasher)) throw damaged(entry, start)
        await writer.write(start, bytes)
      }
      const end = run.offset + run.rows.reduce((sum, row) => sum + row.length, 0)
      runs.push({ ...run, parts: await writer.place({ start: run.offset, end }) })
    }
    const count = await writer.flush(runs.map((run) => ({ kind: 'run', run })))
    await catalog.commit(entry, clock.now(), {
      name: folder.name,
      driver: 'sync',
      generation,
      journal: { generation, count },
      parts: mergeParts(runs.flatMap((run) => run.parts)),
    })
  } catch (error) {
    await writer.close()
    if (await folder.remove()) await catalog.forget(folder.name)
    throw error
  }
}

function damaged(entry: CatalogFile, at: number): FerryError {
  return new FerryError(
    'integrity',
    `The stored bytes of ${entry.content} are damaged at ${at}. Verify the file and heal it.`,
  )
}
