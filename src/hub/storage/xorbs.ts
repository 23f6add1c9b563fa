// Xorbs: chunk records on disk, their index in memory. Read by presigned storage and by plain downloads.

import { decodeChunkRecord, type Hasher, hashToHex } from '../../codec/index.ts'
import { CheckedFile } from './checked-file.ts'
import { readdir, rm, stat } from 'node:fs/promises'
import type { StoredChunk, StoredXorb, Xorbs } from '../content.ts'
import type { Folder } from './folder.ts'

/**
 * Opens the xorbs in a folder. A xorb exists once its index does: data is written first, so a killed process leaves a
 * file without index, which is removed here.
 *
 * @param folder the hub's folder
 * @param hasher compares stored chunks with their hashes
 * @param note receives a message for every damaged xorb
 */
export async function openXorbs(
  folder: Folder,
  hasher: Hasher,
  note: (message: string) => void,
): Promise<Xorbs> {
  const xorbs = new Map<string, StoredXorb>()
  const holders = new Map<string, StoredXorb>()
  const files = new Map<string, CheckedFile>()
  const damaged = new Set<string>()
  const arriving = new Map<string, Promise<boolean>>()
  const marking = new Map<string, Promise<void>>()
  let newest = 0

  const dataPath = (hash: string): string => folder.path('xorbs', hash.slice(0, 2), hash)
  const indexPath = (hash: string): string => `${dataPath(hash)}.json`
  const add = (xorb: StoredXorb): void => {
    xorbs.set(xorb.hash, xorb)
    newest = Math.max(newest, xorb.sequence)
    for (const { hash } of xorb.chunks) if (!holders.has(hash)) holders.set(hash, xorb)
  }
  /** Stored in the index too: the hub may be restarted before the upload is repeated. */
  const markDamaged = (hash: string, what: string): void => {
    if (damaged.has(hash)) return
    damaged.add(hash)
    note(
      `The stored xorb ${hash} is damaged: ${what}. Files that need it cannot be downloaded whole until they are uploaded again.`,
    )
    const xorb = xorbs.get(hash)!
    const index = JSON.stringify(toIndex(xorb, true))
    const mark = folder.write(indexPath(hash), index).catch(() => undefined)
    marking.set(hash, mark)
    void mark.then(() => marking.delete(hash))
  }
  const fileOf = (hash: string): CheckedFile => {
    const held = files.get(hash)
    if (held !== undefined) return held
    const { chunks } = xorbs.get(hash)!
    const file = new CheckedFile({
      name: `xorb ${hash}`,
      path: dataPath(hash),
      ends: chunks.map(({ offset, stored }) => offset + stored),
      isIntact: (record, index) => isIntact(record, chunks[index]!, hasher),
      onDamage: (index) => markDamaged(hash, `chunk ${index} of it has other bytes`),
    })
    files.set(hash, file)
    return file
  }

  for (const { xorb, isDamaged, isShort } of await load(folder, note)) {
    add(xorb)
    if (isDamaged) damaged.add(xorb.hash)
    else if (isShort) markDamaged(xorb.hash, 'its file is too short')
  }

  const store = async (
    hash: string,
    temporary: string,
    chunks: readonly StoredChunk[],
  ): Promise<boolean> => {
    if (xorbs.has(hash) && !damaged.has(hash) && (await fileOf(hash).check())) {
      await rm(temporary, { force: true })
      return false
    }
    await marking.get(hash)
    // The records of a new upload may be compressed differently, so the old index must not outlive the old data.
    await rm(indexPath(hash), { force: true })
    await folder.adopt(temporary, dataPath(hash))
    const xorb = toXorb(hash, { sequence: newest + 1, chunks: chunks.map(toRow) })
    try {
      await folder.write(indexPath(hash), JSON.stringify(toIndex(xorb, false)))
    } catch (error) {
      await rm(dataPath(hash), { force: true })
      throw error
    }
    files.delete(hash)
    damaged.delete(hash)
    add(xorb)
    return true
  }

  return {
    get: (hash) => xorbs.get(hash),
    isIntact: (hash) => xorbs.has(hash) && !damaged.has(hash),
    holding(chunk) {
      const first = holders.get(chunk)
      if (first === undefined || !damaged.has(first.hash)) return first && xorbs.get(first.hash)
      return [...xorbs.values()].find(
        ({ hash, chunks }) => !damaged.has(hash) && chunks.some((each) => each.hash === chunk),
      )
    },
    read: (hash, range) => fileOf(hash).read(range),
    readAll: (hash, range) => fileOf(hash).readAll(range),
    async put(hash, temporary, chunks) {
      // Two clients may upload the same xorb at once; the later one waits for the result of the earlier.
      await arriving.get(hash)?.catch(() => false)
      const arrival = store(hash, temporary, chunks)
      arriving.set(hash, arrival)
      try {
        return await arrival
      } finally {
        if (arriving.get(hash) === arrival) arriving.delete(hash)
      }
    },
  }
}

type IndexRow = readonly [hash: string, stored: number, length: number]
interface IndexFile {
  readonly sequence: number
  readonly chunks: readonly IndexRow[]
  readonly damaged?: true
}

interface Loaded {
  readonly xorb: StoredXorb
  readonly isDamaged: boolean
  readonly isShort: boolean
}

/** @returns the stored xorbs, in the order of arrival */
async function load(folder: Folder, note: (message: string) => void): Promise<Loaded[]> {
  const found: Loaded[] = []
  const paths = await listFiles(folder.path('xorbs'))
  const known = new Set(paths)
  for (const path of paths) {
    if (!path.endsWith('.json')) {
      if (!known.has(`${path}.json`)) await rm(path, { force: true })
      continue
    }
    const data = path.slice(0, -'.json'.length)
    try {
      const index = JSON.parse((await folder.read(path))!) as IndexFile
      const xorb = toXorb(data.slice(-64), index)
      const size = known.has(data) ? (await stat(data)).size : 0
      // A footer after the records is allowed.
      found.push({ xorb, isDamaged: index.damaged === true, isShort: size < xorb.bytes })
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error
      note(`The index ${path} is damaged. Files that need its xorb have to be uploaded again.`)
    }
  }
  return found.toSorted((a, b) => a.xorb.sequence - b.xorb.sequence)
}

function isIntact(record: Uint8Array<ArrayBuffer>, chunk: StoredChunk, hasher: Hasher): boolean {
  try {
    return hashToHex(hasher.chunk(decodeChunkRecord(record))) === chunk.hash
  } catch {
    return false
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

function toIndex({ sequence, chunks }: StoredXorb, isDamaged: boolean): IndexFile {
  return { sequence, chunks: chunks.map(toRow), ...(isDamaged && { damaged: true }) }
}

function toRow({ hash, stored, length }: StoredChunk): IndexRow {
  return [hash, stored, length]
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
