import { FerryError } from '../core/index.ts'
import { readScript, selfDestroyingWorker, type ShippedScript } from '../shipping/index.ts'
import { foldersOf, Project, siteFile, writeSiteFile, explainFileError } from './project.ts'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
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
  const plans = await Promise.all(folders.map((each) => planCopies(root, each, script, read)))
  for (const { path, file, text, seen } of plans.flat()) {
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

async function planCopies(
  root: string,
  folder: string,
  script: boolean,
  read: (name: ShippedScript) => Promise<string>,
): Promise<Copy[]> {
  const plan = async (name: ShippedScript): Promise<Copy> => {
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
  return await Promise.all(wanted.map(plan))
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
