import { applyJournal } from './applyJournal.ts'
import type { CatalogFile } from './CatalogFile.ts'
import { decodeJournal } from './decodeJournal.ts'
import type { Folder } from './Folder.ts'
import type { HeldRun } from './HeldRun.ts'
import { journalName } from './journalName.ts'

/** How many files' journals are kept in memory: about 6 MB for each 10 GB of model. */
const keptFiles = 4

interface ReadSoFar {
  readonly count: number
  /** Bytes read of the last journal file; it may have grown since. */
  readonly length: number
  readonly held: readonly HeldRun[]
}

/** Reads journals; since they are only ever appended to, what was read before is not read again. */
export class JournalReader {
  readonly #read = new Map<string, ReadSoFar>()

  /**
   * @returns committed runs by ascending offset, with where their bytes lie; a journal that is missing or
   *   torn gives what there is
   */
  async held(entry: CatalogFile, folder: Folder): Promise<readonly HeldRun[]> {
    const { generation, count } = entry.journal
    const key = `${entry.name} ${generation}`
    let { held, ...from } = this.#read.get(key) ?? { count: 1, length: 0, held: [] }
    for (let index = from.count - 1; index < count; index++) {
      const known = index === from.count - 1 ? from.length : 0
      const bytes = await this.#bytes(folder, journalName(generation, index), known)
      const { entries, length } = decodeJournal(bytes)
      held = applyJournal(held, entries)
      from = { count: index + 1, length: known + length }
    }
    this.#read.delete(key)
    this.#read.set(key, { ...from, held })
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= keptFiles) break
      this.#read.delete(oldest)
    }
    return held
  }

  async #bytes(folder: Folder, name: string, start: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await folder.readFrom(name, start)
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return new Uint8Array()
      throw error
    }
  }
}
