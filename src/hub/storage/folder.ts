import { type ByteRange, FerryError } from '../../core/index.ts'
import { HubRefusal } from '../refusals.ts'
import { randomUUID } from 'node:crypto'
import {
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  writeFile,
  type FileHandle,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Folder } from '../context.ts'

/** Tells this process's unfinished files from those of an earlier one with the same process id. */
const run: string = randomUUID()

/**
 * Opens the hub's folder, makes it when it is missing, and removes what killed processes left unfinished.
 *
 * @param root path of the folder
 * @throws FerryError `configuration` when it is no folder or cannot be written
 */
export async function openFolder(root: string): Promise<Folder> {
  const unfinished = join(root, 'unfinished')
  try {
    await mkdir(unfinished, { recursive: true })
    await removeLeftovers(unfinished)
  } catch (cause) {
    throw new FerryError(
      'configuration',
      `The hub cannot use ${root} as its folder. Name a folder that can be written.`,
      { cause },
    )
  }
  let count = 0
  const temporary = (): string => join(unfinished, `${process.pid}.${run}.${++count}`)
  return {
    path: (...parts) => join(root, ...parts),
    temporary,
    adopt,
    async write(path, content) {
      const from = temporary()
      await writeFile(from, content)
      await adopt(from, path)
    },
    async read(path) {
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
  }
}

async function removeLeftovers(unfinished: string): Promise<void> {
  for (const name of await readdir(unfinished)) {
    const [pid = '', owner] = name.split('.')
    if (owner !== run && (Number(pid) === process.pid || !isAlive(Number(pid)))) {
      await rm(join(unfinished, name), { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process exists, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function adopt(from: string, to: string): Promise<void> {
  const file = await open(from, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
}

/**
 * Streams a body into an unfinished file.
 *
 * @param body what arrives; null counts as empty
 * @param folder where unfinished files live
 * @param limit most bytes
 * @param look sees every part on its way
 * @returns path and length of the file, for the caller to adopt or remove
 * @throws HubRefusal 413 when there are more bytes; nothing stays behind then, nor when the body breaks off
 */
export async function receive(
  body: ReadableStream<Uint8Array> | null,
  folder: Folder,
  limit: number,
  look?: (part: Uint8Array) => void,
): Promise<{ path: string; length: number }> {
  const path = folder.temporary()
  const file = await open(path, 'wx')
  let length = 0
  try {
    for await (const part of body ?? []) {
      length += part.byteLength
      if (length > limit) throw new HubRefusal(413, `The body may have at most ${limit} bytes.`)
      look?.(part)
      await file.write(part)
    }
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
  await file.close()
  return { path, length }
}

const PART = 256 * 1024

/**
 * Bytes of a file as a stream that reads only when it is asked to.
 *
 * @param path of the file
 * @param range bytes to deliver
 * @returns a stream that errors, rather than ends, when the file is shorter than `range`
 */
export function streamFile(path: string, range: ByteRange): ReadableStream<Uint8Array> {
  let at = range.start
  let file: FileHandle | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          file ??= await open(path, 'r')
          const wanted = Math.min(PART, range.end - at)
          const { bytesRead, buffer } = await file.read(new Uint8Array(wanted), 0, wanted, at)
          if (bytesRead === 0 && wanted > 0)
            throw new Error('A stored file is shorter than its index says.')
          at += bytesRead
          if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead))
          if (at >= range.end) {
            controller.close()
            await file.close()
          }
        } catch (error) {
          await file?.close()
          throw error
        }
      },
      cancel: () => file?.close(),
    },
    { highWaterMark: 0 },
  )
}
