import { streamFile } from './folder.ts'
import { createHash } from 'node:crypto'
import type { Folder, LargeObject, Objects, StoredFile } from '../context.ts'

/**
 * The id git gives a blob.
 *
 * @param bytes content of the blob
 * @returns 40 hex digits
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
export function gitBlobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex')
}

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

/**
 * What git holds in place of a large file.
 *
 * @param sha256 ordinary hex
 * @param size bytes of the large file
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
export function pointerText(sha256: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`
}
