// The hub's folder on disk. All writes go through this module: a file appears completely, at its path, with its bytes
// on the disk, or not at all. One process at a time; readable by its owner only.

import { FerryError } from '../../core/index.ts'
import { HubRefusal } from '../refusals.ts'
import { lockFolder } from './lock.ts'
import { chmod, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The hub's folder. */
export interface Folder {
  /** The path of something within the folder. Parts must have been checked by the caller. */
  path(...parts: string[]): string
  /** A new name for a temporary file; files of a killed process are removed at the next start. */
  temporary(): string
  /**
   * Moves a written file to its path, after its bytes have reached the disk.
   *
   * @param temporary a path from {@link temporary}; it is removed afterwards, also on failure
   * @param path target path; an existing file is replaced
   * @throws HubRefusal 507 when the disk is full, 503 after {@link close}
   */
  adopt(temporary: string, path: string): Promise<void>
  /**
   * Writes a whole file in the same way.
   *
   * @param mode permissions; default: by the process's umask
   */
  write(path: string, content: string | Uint8Array | Iterable<string>, mode?: number): Promise<void>
  /** Writes a file that may be adopted later. @returns its path, as from {@link temporary} */
  stage(content: Uint8Array): Promise<string>
  /**
   * Moves a folder atomically.
   *
   * @param to must not exist
   */
  move(from: string, to: string): Promise<void>
  /** Deletes files and folders in this order, each atomically; missing ones are ignored. */
  discard(...paths: string[]): Promise<void>
  /** The text of a file, or undefined when there is none. */
  read(path: string): Promise<string | undefined>
  /** Refuses further writes, and unlocks the folder when running ones have ended. */
  close(): Promise<void>
}

/**
 * Opens the hub's folder, creates it when it is missing, locks it, and removes unfinished files of a killed process.
 *
 * @param root path of the folder
 * @param onLost called when another process has taken the folder over; writes are then refused
 * @throws FerryError `configuration` when it is not a folder, cannot be written, is used by another process, or is open
 *   to other users of the machine
 */
export async function openFolder(
  root: string,
  onLost: () => void = () => undefined,
): Promise<Folder> {
  const unfinished = join(root, 'unfinished')
  let closed = false
  let release: () => void
  try {
    await makePrivate(root)
    await mkdir(unfinished, { recursive: true })
    const lost = (): void => {
      closed = true
      onLost()
    }
    const spare = join(unfinished, `lock.${process.pid}`)
    release = await lockFolder(join(root, 'lock'), spare, lost)
    for (const name of await readdir(unfinished)) {
      await rm(join(unfinished, name), { force: true, recursive: true })
    }
  } catch (cause) {
    if (cause instanceof FerryError) throw cause
    throw new FerryError(
      'configuration',
      `The hub cannot use ${root} as its folder: ${describeFolderError((cause as NodeJS.ErrnoException).code)}. Name a folder that can be written.`,
      { cause },
    )
  }

  let count = 0
  const temporary = (): string => join(unfinished, `${process.pid}.${++count}`)
  const writing = new Set<Promise<void>>()
  /** Lets a running change finish before the folder is unlocked. */
  const whole = async (change: () => Promise<void>): Promise<void> => {
    if (closed) throw new HubRefusal(503, 'The hub is closing.')
    const run = change()
    writing.add(run)
    try {
      await run
    } finally {
      writing.delete(run)
    }
  }
  const written = async (from: string, write: () => Promise<void>): Promise<void> => {
    try {
      await whole(write)
    } catch (error) {
      await rm(from, { force: true })
      throw diskFull(error) ?? error
    }
  }
  return {
    path: (...parts) => join(root, ...parts),
    temporary,
    adopt: (from, to) => written(from, () => moveWhole(from, to)),
    write(path, content, mode) {
      const from = temporary()
      return written(from, async () => {
        await fill(from, content, mode)
        await moveWhole(from, path)
      })
    },
    async stage(content) {
      const path = temporary()
      await written(path, () => fill(path, content))
      return path
    },
    move: (from, to) =>
      whole(async () => {
        await renameTo(from, to)
        await syncFolder(dirname(from))
      }),
    async discard(...paths) {
      const away = paths.map((path) => [path, temporary()] as const)
      await whole(async () => {
        for (const [path, to] of away) await renamed(path, to)
        for (const folder of new Set(paths.map((path) => dirname(path)))) await syncFolder(folder)
      })
      for (const [, path] of away) await rm(path, { recursive: true, force: true })
    },
    async read(path) {
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async close() {
      closed = true
      if (writing.size > 0) await Promise.allSettled(writing)
      release()
    },
  }
}

/**
 * Makes sure that other users of the machine can read neither the secrets nor the private models. An empty folder
 * gets the hub's permissions; the permissions of a folder with content are its owner's decision.
 */
async function makePrivate(root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 })
  if (process.platform === 'win32') return
  if ((await readdir(root)).length === 0 && (await modeOf(root)) !== 0) {
    await chmod(root, 0o700).catch(() => undefined)
  }
  const secrets = join(root, 'secrets.json')
  const commands: string[] = []
  if ((await modeOf(root)) !== 0) commands.push(`chmod 700 ${quote(root)}`)
  if ((await modeOf(secrets)) !== 0) commands.push(`chmod 600 ${quote(secrets)}`)
  if (commands.length === 0) return
  const give = commandToOwn(root, (await stat(root)).uid, process.geteuid?.() ?? 0)
  throw new FerryError(
    'configuration',
    `Other users of this machine can read the secrets in ${root}. Run${give === '' ? '' : ' as root'}: ${give}${commands.join(' && ')}. Where the folder cannot be changed, name a new one inside it.`,
  )
}

/**
 * The command that must come before a `chmod` to private permissions, because it would lock the service user out.
 *
 * @param owner of the folder, and `user`: of this process; ids
 * @returns empty when the user is the owner, or root
 */
export function commandToOwn(root: string, owner: number, user: number): string {
  return user === owner || user === 0 ? '' : `chown -R ${user} ${quote(root)} && `
}

/** Says why a folder cannot be used. */
function describeFolderError(code: string | undefined): string {
  if (code === 'EEXIST') return 'it is a file'
  if (code === 'ENOTDIR') return 'it is a file, or in one'
  if (code === 'EROFS') return 'its file system is read-only'
  if (code === 'EACCES' || code === 'EPERM') {
    return `the user with id ${process.geteuid?.() ?? 'of this process'} may not read and write there (${code})`
  }
  return code ?? 'unknown error'
}

/** Permissions of other users for a file; 0 for a missing one. */
async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & 0o077
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

function quote(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}

async function fill(
  path: string,
  content: string | Uint8Array | Iterable<string>,
  mode?: number,
): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    const parts = typeof content === 'string' || content instanceof Uint8Array ? [content] : content
    for (const part of parts) await file.writeFile(part)
  } finally {
    await file.close()
  }
}

async function moveWhole(from: string, to: string): Promise<void> {
  const file = await open(from, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await renameTo(from, to)
}

async function renameTo(from: string, to: string): Promise<void> {
  const folder = dirname(to)
  const made = await mkdir(folder, { recursive: true })
  await rename(from, to)
  await syncFolder(folder)
  // A new folder is an entry of its parent.
  if (made !== undefined) await syncFolder(dirname(made))
}

/** Ignores missing files. */
async function renamed(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

/** Without it a confirmed rename may be lost at a power failure. Some systems cannot open folders. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  try {
    await folder?.sync().catch(() => undefined)
  } finally {
    await folder?.close()
  }
}

const full: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT'])

/** The refusal for a full disk; undefined for any other error. */
function diskFull(error: unknown): HubRefusal | undefined {
  if (!full.has((error as NodeJS.ErrnoException).code)) return undefined
  return new HubRefusal(507, "The hub's disk is full. Nothing of this upload was kept.")
}

/**
 * Streams a body into a temporary file.
 *
 * @param body the received body; null counts as empty
 * @param folder for temporary files
 * @param limit most bytes
 * @returns path and length of the file, which the caller must adopt or remove
 * @throws HubRefusal 413 when there are more bytes, 507 when the disk is full; the file is then removed, also when
 * the body fails
 */
export async function receive(
  body: ReadableStream<Uint8Array> | null,
  folder: Folder,
  limit: number,
): Promise<{ path: string; length: number }> {
  const path = folder.temporary()
  let length = 0
  try {
    const file = await open(path, 'wx')
    try {
      for await (const part of body ?? []) {
        length += part.byteLength
        if (length > limit) throw new HubRefusal(413, `The body may have at most ${limit} bytes.`)
        // Unlike `write`, which may write only a part, this continues until all is written.
        await file.writeFile(part)
      }
      const { size } = await file.stat()
      if (size !== length) throw new HubRefusal(507, `Only ${size} of ${length} bytes were stored.`)
    } finally {
      await file.close()
    }
  } catch (error) {
    await rm(path, { force: true })
    throw diskFull(error) ?? error
  }
  return { path, length }
}
