import { streamFile } from './folder.ts'
import { open, readdir, rm } from 'node:fs/promises'
import type { Folder, StoredChunk, StoredXorb, Xorbs } from '../context.ts'

type IndexRow = readonly [hash: string, stored: number, length: number]
interface IndexFile {
  readonly sequence: number
  readonly chunks: readonly IndexRow[]
}

/**
 * Opens the xorbs in a folder. A xorb exists once its index does: data is written first, so that a process
 * killed in between leaves a file without index, which is removed here.
 *
 * @param folder the hub's folder
 */
export async function openXorbs(folder: Folder): Promise<Xorbs> {
  const xorbs = new Map<string, StoredXorb>()
  const firstHolder = new Map<string, StoredXorb>()
  const arriving = new Map<string, Promise<boolean>>()
  let newest = 0

  const dataPath = (hash: string): string => folder.path('xorbs', hash.slice(0, 2), hash)
  const add = (xorb: StoredXorb): void => {
    xorbs.set(xorb.hash, xorb)
    newest = Math.max(newest, xorb.sequence)
    for (const { hash } of xorb.chunks) if (!firstHolder.has(hash)) firstHolder.set(hash, xorb)
  }

  const found: StoredXorb[] = []
  for (const path of await listFiles(folder.path('xorbs'))) {
    const hash = path.slice(-64)
    if (path.endsWith('.json')) continue
    const text = await folder.read(`${path}.json`)
    if (text === undefined) await rm(path, { force: true })
    else found.push(toXorb(hash, JSON.parse(text) as IndexFile))
  }
  for (const xorb of found.toSorted((a, b) => a.sequence - b.sequence)) add(xorb)

  const store = async (
    hash: string,
    temporary: string,
    chunks: readonly StoredChunk[],
  ): Promise<boolean> => {
    await folder.adopt(temporary, dataPath(hash))
    const rows = chunks.map((chunk): IndexRow => [chunk.hash, chunk.stored, chunk.length])
    const index: IndexFile = { sequence: ++newest, chunks: rows }
    await folder.write(`${dataPath(hash)}.json`, JSON.stringify(index))
    add(toXorb(hash, index))
    return true
  }

  return {
    get: (hash) => xorbs.get(hash),
    holding: (chunk) => firstHolder.get(chunk),
    read: (hash, range) => streamFile(dataPath(hash), range),
    async put(hash, temporary, chunks) {
      // Two clients may bring the same xorb at once; the later one waits for the fate of the earlier.
      const earlier = await arriving.get(hash)?.catch(() => false)
      if (earlier === true || xorbs.has(hash)) {
        await rm(temporary, { force: true })
        return false
      }
      const arrival = store(hash, temporary, chunks)
      arriving.set(hash, arrival)
      try {
        return await arrival
      } finally {
        arriving.delete(hash)
      }
    },
    async readAll(hash, range) {
      const file = await open(dataPath(hash), 'r')
      try {
        const bytes = new Uint8Array(range.end - range.start)
        const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, range.start)
        if (bytesRead !== bytes.byteLength)
          throw new Error('A xorb is shorter than its index says.')
        return bytes
      } finally {
        await file.close()
      }
    },
  }
}

function toXorb(hash: string, index: IndexFile): StoredXorb {
  let offset = 0
  const chunks = index.chunks.map(([chunk, stored, length]): StoredChunk => {
    offset += stored
    return { hash: chunk, offset: offset - stored, stored, length }
  })
  return { hash, sequence: index.sequence, bytes: offset, chunks }
}

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
}
