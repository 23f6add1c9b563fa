// Files by content, outside of any repository: files in xorbs, plain large objects, and git blobs.

import { HubRefusal } from '../refusals.ts'
import { CheckedFile, readFully } from './checked-file.ts'
import { createHash } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import type { ByteRange } from '../../core/index.ts'
import type { LargeObject, Objects, StoredFile, Xorbs } from '../content.ts'
import type { Folder } from './folder.ts'

/**
 * Opens files by content. Each entry is a separate file, read when it is first needed.
 *
 * @param folder the hub's folder
 * @param xorbs xorbs of the files
 * @param note receives a message for every damaged object
 */
export function openObjects(
  folder: Folder,
  xorbs: Pick<Xorbs, 'isIntact'>,
  note: (message: string) => void,
): Objects {
  const files = new Map<string, StoredFile>()
  const larges = new Map<string, LargeObject>()
  const checked = new Map<string, Promise<CheckedFile>>()
  const pathOf = (kind: string, hash: string, suffix = ''): string =>
    folder.path(kind, hash.slice(0, 2), hash + suffix)

  const load = async <Value>(
    known: Map<string, Value>,
    kind: string,
    hash: string,
  ): Promise<Value | undefined> => {
    const held = known.get(hash)
    if (held !== undefined) return held
    const path = pathOf(kind, hash, '.json')
    const text = await folder.read(path)
    if (text === undefined) return undefined
    try {
      const value = JSON.parse(text) as Value
      known.set(hash, value)
      return value
    } catch {
      note(`The entry ${path} is damaged. Upload the file again.`)
      return undefined
    }
  }
  const keep = async <Value>(
    known: Map<string, Value>,
    kind: string,
    hash: string,
    value: Value,
  ): Promise<void> => {
    await folder.write(pathOf(kind, hash, '.json'), JSON.stringify(value))
    known.set(hash, value)
  }

  const file = (hash: string): Promise<StoredFile | undefined> => load(files, 'files', hash)
  const isWhole = async (hash: string): Promise<boolean> =>
    (await file(hash))?.terms.every(({ xorb }) => xorbs.isIntact(xorb)) ?? false
  const large = async (sha256: string): Promise<LargeObject | undefined> => {
    const found = await load(larges, 'large', sha256)
    if (found === undefined || found.damaged) return undefined
    if (found.xetHash !== undefined) return (await isWhole(found.xetHash)) ? found : undefined
    const { size } = await stat(pathOf('large', sha256)).catch(() => ({ size: -1 }))
    if (size !== found.size) await markDamaged(found)
    return size === found.size ? found : undefined
  }
  /** Stored on disk too: the hub may be restarted before the upload is repeated. */
  const markDamaged = async (object: LargeObject): Promise<void> => {
    if (larges.get(object.sha256)?.damaged) return
    const marked = { ...object, damaged: true } as const
    larges.set(object.sha256, marked)
    checked.delete(object.sha256)
    note(
      `The stored object ${object.sha256} is damaged. It cannot be downloaded until it is uploaded again.`,
    )
    await keep(larges, 'large', object.sha256, marked).catch(() => undefined)
  }
  const openPlain = async (sha256: string): Promise<CheckedFile> => {
    const path = pathOf('large', sha256)
    let object = await large(sha256)
    if (object !== undefined && object.blocks === undefined) {
      const { hash, blocks } = await hashBlocks(path)
      if (hash === sha256) await keep(larges, 'large', sha256, (object = { ...object, blocks }))
      else {
        await markDamaged(object)
        object = undefined
      }
    }
    if (object === undefined) {
      throw new HubRefusal(500, `The stored object ${sha256} is damaged. Upload it again.`)
    }
    const { size, blocks = [] } = object
    return new CheckedFile({
      name: `object ${sha256}`,
      path,
      ends: blocks.map((_, index) => Math.min(size, (index + 1) * BLOCK)),
      isIntact: (block, index) => sha256Base64(block) === blocks[index],
      onDamage: () => void markDamaged(object),
    })
  }
  const openBlob = async (oid: string): Promise<CheckedFile> => {
    const path = pathOf('blobs', oid)
    const { size } = await stat(path)
    return new CheckedFile({
      name: `blob ${oid}`,
      path,
      ends: [size],
      isIntact: (bytes) => gitBlobId(bytes) === oid,
      onDamage() {
        checked.delete(oid)
        note(`The stored blob ${oid} is damaged. Commit the file again.`)
      },
    })
  }
  const opened = (hash: string, open: (hash: string) => Promise<CheckedFile>) => {
    const held = checked.get(hash)
    if (held !== undefined) return held
    const opening = open(hash)
    checked.set(hash, opening)
    opening.catch(() => checked.delete(hash))
    return opening
  }

  return {
    file,
    large,
    async putFile(given) {
      if (!(await isWhole(given.hash))) await keep(files, 'files', given.hash, given)
      const { sha256, size, hash } = given
      // The same bytes may be uploaded again with other chunks: one of the two hashes must be the file's.
      if (sha256 === undefined || (await large(sha256))?.xetHash !== undefined) return
      await keep(larges, 'large', sha256, { sha256, size, xetHash: hash })
    },
    async putPlain(sha256, size, temporary) {
      const { hash, length, blocks } = await hashBlocks(temporary)
      if (hash !== sha256 || length !== size) {
        throw new HubRefusal(400, 'The object has other bytes than it was announced with.')
      }
      if ((await large(sha256)) !== undefined) return
      checked.delete(sha256)
      await folder.adopt(temporary, pathOf('large', sha256))
      try {
        await keep(larges, 'large', sha256, { sha256, size, blocks })
      } catch (error) {
        await rm(pathOf('large', sha256), { force: true })
        throw error
      }
    },
    readPlain: (sha256, range) => deferred(() => opened(sha256, openPlain), range),
    stageBlobs() {
      const staged = new Map<string, string>()
      return {
        async add(bytes) {
          const oid = gitBlobId(bytes)
          if (!staged.has(oid)) staged.set(oid, await folder.stage(bytes))
          return oid
        },
        async keep() {
          for (const [oid, temporary] of staged) {
            await folder.adopt(temporary, pathOf('blobs', oid))
            staged.delete(oid)
            checked.delete(oid)
          }
        },
        async drop() {
          for (const temporary of staged.values()) await rm(temporary, { force: true })
        },
      }
    },
    readBlob: (oid, range) => deferred(() => opened(oid, openBlob), range),
  }
}

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
 * The pointer that git stores in place of a large file.
 *
 * @param sha256 ordinary hex
 * @param size bytes of the large file
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
export function pointerText(sha256: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`
}

const BLOCK = 4 * 1024 * 1024

/** Reads a file back from disk: its SHA-256, and that of each block, so that ranges of it can be checked later. */
async function hashBlocks(
  path: string,
): Promise<{ hash: string; length: number; blocks: string[] }> {
  const whole = createHash('sha256')
  const blocks: string[] = []
  const block = new Uint8Array(BLOCK)
  const file = await open(path, 'r')
  try {
    let length = 0
    for (let filled = BLOCK; filled === BLOCK;) {
      const part = await readFully(file, length, block)
      filled = part.length
      if (filled === 0) break
      length += filled
      whole.update(part)
      blocks.push(sha256Base64(part))
    }
    return { hash: whole.digest('hex'), length, blocks }
  } finally {
    await file.close()
  }
}

function sha256Base64(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64')
}

/** A stream of a file that is opened when it is first pulled. */
function deferred(
  open: () => Promise<CheckedFile>,
  range: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream(
    {
      async pull(controller) {
        reader ??= (await open()).read(range).getReader()
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value as Uint8Array<ArrayBuffer>)
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
