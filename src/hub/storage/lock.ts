// Keeps a second process out of a hub's folder. Two processes on one folder would each answer from their own memory
// and overwrite each other's branches. Called by folder.ts only.

import { FerryError, sleep } from '../../core/index.ts'
import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync, unlinkSync } from 'node:fs'
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'

/**
 * Locks a folder, and takes over the lock of a dead process. If the holder ran on another machine or in another
 * container, its heartbeat is watched for ten seconds first.
 *
 * @param path of the lock file
 * @param spare a path on the same file system, for the stale lock; the caller removes it later
 * @param onLost called when another process has taken the lock over, for instance after a suspended machine resumed
 * @returns a function that unlocks the folder; synchronous, so that it also works while the process exits
 * @throws FerryError `configuration`, naming process and host, when the holder is alive
 */
export async function lockFolder(
  path: string,
  spare: string,
  onLost: () => void,
): Promise<() => void> {
  const text = JSON.stringify(self())
  for (let attempts = 0; !(await create(path, text)); attempts++) {
    const holder = await readHolder(path)
    if (holder === undefined) continue
    if (attempts > 3 || (await isAlive(path, holder))) throw heldBy(path, holder)
    await removeStale(path, spare, holder)
  }
  const beat = setInterval(() => {
    void (async () => {
      const found = await readFile(path, 'utf8').catch(() => undefined)
      // A momentarily unreadable file does not mean a lost lock; only another holder's text does.
      if (found === undefined || found === '' || found === text) {
        await utimes(path, new Date(), new Date()).catch(() => undefined)
        return
      }
      clearInterval(beat)
      onLost()
    })()
  }, beatMs)
  beat.unref()
  return () => {
    clearInterval(beat)
    try {
      if (readFileSync(path, 'utf8') === text) unlinkSync(path)
    } catch {
      // The folder itself may have been deleted.
    }
  }
}

const beatMs = 2000
const longestWaitMs = 10_000

interface Holder {
  readonly pid: number
  readonly host: string
  readonly since: string
  /** Machine and container: process ids of different places cannot be compared. */
  readonly place: string
  /** Start of the process in clock ticks since boot: distinguishes it from a later one with the same id. */
  readonly ticks: string | null
  readonly id: string
}

function self(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    place: place(),
    ticks: startTicks(process.pid),
    id: randomUUID(),
  }
}

function place(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** Field 22 of proc(5) stat; the second field is a name in parentheses that may hold blanks. */
function startTicks(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/** @returns false when there is a lock already */
async function create(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(text)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** @returns undefined when the lock is gone; a holder without a process for an incomplete text */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return { pid: 0, host: 'an unknown host', since: '', place: '', ticks: null, id: '' }
  }
}

async function isAlive(path: string, holder: Holder): Promise<boolean> {
  if (holder.place === place()) {
    if (!exists(holder.pid)) return false
    const ticks = startTicks(holder.pid)
    if (ticks !== null && holder.ticks !== null) return ticks === holder.ticks
  }
  return await beats(path)
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM means that a process of another user exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function beats(path: string): Promise<boolean> {
  const lastBeat = async (): Promise<number> =>
    (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
  const before = await lastBeat()
  // Differences only: the clocks of two machines need not agree.
  for (let waited = 0; waited < longestWaitMs; waited += 500) {
    await sleep(500)
    if ((await lastBeat()) !== before) return true
  }
  return false
}

/** Renaming first ensures that only one of two processes removes a lock, and that it is the lock that was checked. */
async function removeStale(path: string, spare: string, holder: Holder): Promise<void> {
  try {
    await rename(path, spare)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = await readHolder(spare)
  if (moved !== undefined && moved.id !== holder.id) {
    await rename(spare, path)
    throw heldBy(path, moved)
  }
}

function heldBy(path: string, { pid, host, since }: Holder): FerryError {
  const folder = path.replace(/[/\\][^/\\]*$/, '')
  return new FerryError(
    'configuration',
    `The folder ${folder} is in use by process ${pid} on ${host}${since && `, since ${since}`}. Stop that process, or serve another folder.`,
  )
}
