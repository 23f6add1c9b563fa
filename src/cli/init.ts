// The commands init and remove: copies of the built scripts in the folder of a site, and their record in package.json.

import { FerryError } from '../core/index.ts'
import {
  readScript,
  selfDestroyingWorker,
  isOurScript,
  type ShippedScript,
} from '../shipping/index.ts'
import { rm, mkdir, writeFile, readFile } from 'node:fs/promises'
import { join, resolve, dirname, relative, sep } from 'node:path'
import type { Command, Output } from './command.ts'

const workers: readonly ShippedScript[] = ['modelferry-sw.js', 'modelferry-worker.js']

/**
 * Copies the worker files to the folder that a site serves, or updates the copies, and records the folder in
 * package.json.
 *
 * @param command from `parseCommand`
 * @param root folder of the project's package.json
 * @param read returns the text of a file
 * @throws FerryError `configuration` when no folder is known, or a foreign file has the name of a copy: nothing is
 * written then; and when a file cannot be written
 */
export async function init(
  { folder, script }: Extract<Command, { name: 'init' }>,
  output: Output,
  root: string,
  read: (name: ShippedScript) => Promise<string> = readScript,
): Promise<void> {
  const project = new Project(root)
  const folders = await foldersOf(project, folder, 'modelferry init public')
  const copies = await Promise.all(folders.map((each) => copiesFor(root, each, script, read)))
  for (const { path, file, text, seen } of copies.flat()) {
    if (seen !== text) await writeSiteFile(file, text)
    const done = seen === text ? 'is up to date' : seen === '' ? 'copied' : 'updated'
    output.print(`${path} ${done}`)
  }
  if (folder === undefined) return
  const kept = await project.remember(folder)
  const again = kept ? 'npx modelferry init' : `npx modelferry init ${folder}`
  const where = kept ? '; package.json records the folder' : ''
  output.print(`After an update of the package, run "${again}"${where}.`)
  output.print(
    `Next: serve ${folder} at the root of your site, and call connect() of 'modelferry' in the page${
      script ? ', or write <script src="/modelferry.js" data-auto></script> into its <head>' : ''
    }.`,
  )
}

interface Copy {
  /** As shown to the user. */
  readonly path: string
  readonly file: string
  readonly text: string
  /** Current text. */
  readonly seen: string
}

async function copiesFor(
  root: string,
  folder: string,
  script: boolean,
  read: (name: ShippedScript) => Promise<string>,
): Promise<Copy[]> {
  const copyOf = async (name: ShippedScript): Promise<Copy> => {
    const path = join(folder, name)
    const file = resolve(root, path)
    const { state, text: seen } = await siteFile(file)
    if (state === 'foreign') {
      throw new FerryError(
        'configuration',
        `${path} is not from modelferry, so it was not changed and nothing was copied. Move it, or name another folder.`,
      )
    }
    return { path, file, text: await read(name), seen }
  }
  const page = await siteFile(resolve(root, folder, 'modelferry.js'))
  const wanted = script || page.state === 'ours' ? [...workers, 'modelferry.js' as const] : workers
  return await Promise.all(wanted.map(copyOf))
}

const all: readonly ShippedScript[] = ['modelferry-sw.js', 'modelferry-worker.js', 'modelferry.js']

/**
 * Removes the copies from a site, and their folders from package.json. Foreign files stay.
 *
 * @param command from `parseCommand`
 * @param root folder of the project's package.json
 * @throws FerryError `configuration` when no folder is known, or a foreign file is in the place of the
 * self-destroying worker
 */
export async function remove(
  { folder, leave }: Extract<Command, { name: 'remove' }>,
  output: Output,
  root: string,
): Promise<void> {
  const project = new Project(root)
  for (const each of await foldersOf(project, folder, 'modelferry remove public')) {
    if (leave !== undefined) await leaveWorker(resolve(root, each), leave)
    for (const name of all) {
      const path = join(each, name)
      const { state } = await siteFile(resolve(root, path))
      const stays = leave !== undefined && name === 'modelferry-sw.js'
      if (state === 'ours' && !stays) await taken(resolve(root, path))
      if (stays)
        output.print(`${path} unregisters the service worker on devices that still have it`)
      else if (state === 'ours') output.print(`${path} removed`)
      else if (state === 'foreign') output.print(`${path} is not from modelferry, so it stays`)
    }
    await project.forget(each)
  }
  output.print(
    leave === undefined
      ? 'Next: remove connect() from the page. Devices of earlier visitors keep the service worker: modelferry remove --self-destroy leaves a file that unregisters it.'
      : 'Next: remove connect() from the page, and publish the file as long as earlier visitors may return.',
  )
}

async function leaveWorker(folder: string, kind: 'self-destroying' | 'clearing'): Promise<void> {
  const file = join(folder, 'modelferry-sw.js')
  if ((await siteFile(file)).state === 'foreign') {
    throw new FerryError(
      'configuration',
      `${file} is not from modelferry, so it was not changed. Move it, or name another folder.`,
    )
  }
  await writeSiteFile(file, selfDestroyingWorker(kind === 'clearing'))
}

async function taken(file: string): Promise<void> {
  try {
    await rm(file)
  } catch (error) {
    throw explainFileError(error, file)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'This user may not write there. Change the rights, or name another folder.',
  EPERM: 'This user may not write there. Change the rights, or name another folder.',
  EROFS: 'Its file system is read-only. Name another folder.',
  ENOSPC: 'The disk is full.',
  ENOTDIR: 'A part of its path is a file, not a folder. Name another folder.',
  EEXIST: 'A part of its path is a file, not a folder. Name another folder.',
  EISDIR: 'There is a folder with this name. Move it, or name another folder.',
}

/**
 * Explains what a user can do about a file that could not be read or written.
 *
 * @param path as shown to the user
 * @returns FerryError `configuration` for known causes; other errors unchanged
 */
export function explainFileError(error: unknown, path: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
  if (reason === undefined) return error
  return new FerryError('configuration', `${path} cannot be read or written. ${reason}`, {
    cause: error,
  })
}

/**
 * Writes a file, and creates its folder if necessary.
 *
 * @throws FerryError `configuration` that names the obstacle
 */
async function writeSiteFile(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  } catch (error) {
    throw explainFileError(error, file)
  }
}

interface Manifest {
  modelferry?: { folders?: unknown }
}

/**
 * Records which folders of a project contain modelferry's files, in its package.json under "modelferry". Teams look
 * there for the needs of a package, it is under version control, and the site's folder gets no further file.
 */
class Project {
  readonly #root: string

  /** @param root folder of package.json */
  constructor(root: string) {
    this.#root = root
  }

  /** @throws FerryError `configuration` when package.json cannot be read */
  async folders(): Promise<string[]> {
    const found = (await this.#read())?.manifest.modelferry?.folders
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : []
  }

  /**
   * @returns whether there is a package.json to record it in
   * @throws as {@link folders}
   */
  async remember(folder: string): Promise<boolean> {
    return await this.#write([...new Set([...(await this.folders()), this.#name(folder)])])
  }

  /** @throws as {@link folders} */
  async forget(folder: string): Promise<void> {
    const name = this.#name(folder)
    const folders = await this.folders()
    if (folders.includes(name)) await this.#write(folders.filter((each) => each !== name))
  }

  #name(folder: string): string {
    return relative(this.#root, resolve(this.#root, folder)).split(sep).join('/') || '.'
  }

  async #write(folders: readonly string[]): Promise<boolean> {
    const found = await this.#read()
    if (!found) return false
    const { modelferry: _, ...rest } = found.manifest
    const manifest = folders.length === 0 ? rest : { ...rest, modelferry: { folders } }
    const indent = /^[ \t]+(?=")/m.exec(found.text)?.[0] ?? '  '
    const text = `${JSON.stringify(manifest, null, indent)}\n`
    if (text !== found.text) await writeSiteFile(this.#file, text)
    return true
  }

  async #read(): Promise<{ text: string; manifest: Manifest } | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw explainFileError(error, this.#file)
    })
    if (text === undefined) return undefined
    let manifest: unknown
    try {
      manifest = JSON.parse(text)
    } catch (cause) {
      throw this.#wrong(`is not JSON: ${(cause as Error).message}`, cause)
    }
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
      throw this.#wrong('is not a JSON object')
    return { text, manifest }
  }

  #wrong(what: string, cause?: unknown): FerryError {
    return new FerryError('configuration', `${this.#file} ${what}. Correct it first.`, { cause })
  }

  get #file(): string {
    return join(this.#root, 'package.json')
  }
}

/**
 * The folders of a command: the named one, or all folders recorded in package.json.
 *
 * @param example a command that names a folder
 * @throws FerryError `configuration` when there is none, or package.json cannot be read
 */
async function foldersOf(
  project: Project,
  named: string | undefined,
  example: string,
): Promise<string[]> {
  // Always read, so that its errors are reported before anything is written.
  const folders = await project.folders()
  if (named !== undefined) return [named]
  if (folders.length > 0) return folders
  throw new FerryError(
    'configuration',
    `No folder is recorded in package.json. Name the folder that your site serves at its root: ${example}`,
  )
}

/** The file at the path of a modelferry file: missing, from modelferry, or foreign. */
export interface SiteFile {
  readonly state: 'missing' | 'ours' | 'foreign'
  readonly text: string
}

/**
 * @param file its path
 * @throws FerryError `configuration` when it cannot be read
 */
async function siteFile(file: string): Promise<SiteFile> {
  try {
    const text = await readFile(file, 'utf8')
    return { state: isOurScript(text) ? 'ours' : 'foreign', text }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explainFileError(error, file)
    return { state: 'missing', text: '' }
  }
}
