import type { Folder } from './Folder.ts'
import { gitBlobId } from '../git/gitBlobId.ts'
import type { LargeObject } from './LargeObject.ts'
import type { Objects } from './Objects.ts'
import type { StoredFile } from './StoredFile.ts'
import { streamFile } from './streamFile.ts'

/**
 * Opens files by content. Each entry is a file of its own, read when it is first asked for.
 *
 * @param folder the hub's folder
 */
export function openObjects(folder: Folder): Objects {
  const files = new Map<string, StoredFile>()
  const larges = new Map<string, LargeObject>()
  const place = (room: string, hash: string, suffix = ''): string =>
    folder.path(room, hash.slice(0, 2), hash + suffix)

  const load = async <Value>(
    known: Map<string, Value>,
    room: string,
    hash: string,
  ): Promise<Value | undefined> => {
    const held = known.get(hash)
    if (held !== undefined) return held
    const text = await folder.read(place(room, hash, '.json'))
    if (text === undefined) return undefined
    const value = JSON.parse(text) as Value
    known.set(hash, value)
    return value
  }
  const keep = async <Value>(
    known: Map<string, Value>,
    room: string,
    hash: string,
    value: Value,
  ): Promise<void> => {
    await folder.write(place(room, hash, '.json'), JSON.stringify(value))
    known.set(hash, value)
  }

  const file = (hash: string): Promise<StoredFile | undefined> => load(files, 'files', hash)
  const large = (sha256: string): Promise<LargeObject | undefined> => load(larges, 'large', sha256)
  return {
    file,
    large,
    async putFile(given) {
      if ((await file(given.hash)) === undefined) await keep(files, 'files', given.hash, given)
      const { sha256, size, hash } = given
      // The same bytes may come again in other chunks: one of the two hashes has to be the file's.
      if (sha256 === undefined || (await large(sha256))?.xetHash !== undefined) return
      await keep(larges, 'large', sha256, { sha256, size, xetHash: hash })
    },
    async putPlain(sha256, size, temporary) {
      await folder.adopt(temporary, place('large', sha256))
      if ((await large(sha256)) === undefined) await keep(larges, 'large', sha256, { sha256, size })
    },
    readPlain: (sha256, range) => streamFile(place('large', sha256), range),
    async putBlob(bytes) {
      const oid = gitBlobId(bytes)
      await folder.write(place('blobs', oid), bytes)
      return oid
    },
    readBlob: (oid, range) => streamFile(place('blobs', oid), range),
  }
}
