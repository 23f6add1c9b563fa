import { openDatabase } from '../core/index.ts'
import { chunksOfRun, type HeldChunk, type JournalRun } from './runs.ts'
import { get, promisifyRequest, type UseStore } from 'idb-keyval'

/**
 * Which files contain chunks of a xorb. It is only a hint: the journals are authoritative. So this database may be
 * outdated or deleted, and then chunks are fetched again.
 */
export class ChunkIndex {
  readonly #store: UseStore

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

  async clear(): Promise<void> {
    await this.#store('readwrite', (store) => {
      store.clear()
      return promisifyRequest(store.transaction)
    })
  }

  async #change(
    xorbs: Iterable<string>,
    change: (contents: readonly string[]) => string[],
  ): Promise<void> {
    const names = [...xorbs]
    if (names.length === 0) return
    await this.#store('readwrite', async (store) => {
      const done = promisifyRequest(store.transaction)
      for (const xorb of names) {
        const old = await promisifyRequest<string[] | undefined>(store.get(xorb))
        const next = change(old ?? [])
        if (next.length === 0) store.delete(xorb)
        else store.put(next, xorb)
      }
      await done
    })
  }
}

/** Looks up a xorb's chunks in the journals of the index; dead entries are removed. */
export async function heldChunks(
  index: ChunkIndex,
  xorb: string,
  journal: (content: string) => Promise<readonly JournalRun[]>,
): Promise<readonly HeldChunk[]> {
  const chunks: HeldChunk[] = []
  for (const content of await index.contents(xorb)) {
    const runs = (await journal(content)).filter((run) => run.xorb === xorb)
    if (runs.length === 0) await index.remove([xorb], content)
    for (const run of runs) chunks.push(...chunksOfRun(content, run))
  }
  return chunks
}
