import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FerryError } from '../../core/FerryError.ts'
import type { Folder } from './Folder.ts'

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
