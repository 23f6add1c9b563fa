import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import type { Clock } from '../core/Clock.ts'
import type { CatalogFile } from './CatalogFile.ts'
import type { Folder } from './Folder.ts'
import type { FilePart } from './FilePart.ts'
import { dataName } from './dataName.ts'

/** Piece files show up in the journal, and so here, with its next flush: every 2 s. */
const patienceMs = 8000
const turnMs = 50

/** What it needs of the store. */
export interface AnnouncedReader {
  readonly clock: Clock
  readonly entry: () => Promise<CatalogFile | undefined>
  readonly folder: (entry: CatalogFile) => Folder
  readonly peek: () => Promise<Uint8Array<ArrayBuffer> | undefined>
}

/**
 * Bytes that the realm which writes a file has announced as committed. They are read straight from where it
 * writes in place; where it does not, they are waited for.
 *
 * @param place the folder they were announced for
 * @throws FerryError `storage` when they do not appear
 */
export async function readAnnounced(
  { clock, entry, folder, peek }: AnnouncedReader,
  range: ByteRange,
  place: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const until = clock.now() + patienceMs
  for (;;) {
    const known = await entry()
    const parts = known && partsOf(known, place)
    if (known && parts) {
      const bytes = await folder(known).read(parts, range.start, range.end).catch(ifMissing)
      if (bytes) return bytes
    }
    const bytes = await peek()
    if (bytes) return bytes
    if (clock.now() >= until)
      throw new FerryError(
        'storage',
        `Bytes ${range.start} to ${range.end} were announced and are not on the device. Ask for the file again.`,
        { retryable: true },
      )
    await clock.sleep(turnMs)
  }
}

/**
 * Where bytes lie that need no second look. A preallocated file holds zeros where its writer has not been: one that
 * was begun anew, after the file was removed or found damaged, is not the one that was announced.
 */
function partsOf(known: CatalogFile, place: string | undefined): readonly FilePart[] | undefined {
  if (known.state === 'complete') return known.parts
  const inPlace = known.driver === 'sync' && known.name === place
  return inPlace ? [{ name: dataName, offset: 0, at: 0, length: known.size }] : undefined
}

/** The writer makes piece files, or the file was finished or given up between two looks. */
function ifMissing(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
  throw error
}
