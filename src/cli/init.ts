import { FerryError } from '../core/index.ts'
import { readScript, selfDestroyingWorker, type ShippedScript } from '../shipping/index.ts'
import { foldersOf, Project, siteFile, writeSiteFile, explainFileError } from './project.ts'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command, Output } from './command.ts'

const workers: readonly ShippedScript[] = ['modelferry-sw.js', 'modelferry-worker.js']

/**
 * Copies the worker files to where a site serves them, or brings the copies up to date, and remembers where.
 *
 * @param command from `parseCommand`
 * @param root folder of the project's package.json
 * @param read gives the text of a file
 * @throws FerryError `configuration` when no folder is known, or a file of somebody else is in the way: nothing is
 *   written then; and when one cannot be written
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
    const done = seen === text ? 'is up to date' : seen === '' ? 'copied' : 'brought up to date'
    output.print(`${path} ${done}`)
  }
  if (folder === undefined) return
  const kept = await project.remember(folder)
  const again = kept ? 'npx modelferry init' : `npx modelferry init ${folder}`
  const where = kept ? '; package.json remembers where the copies are' : ''
  output.print(`After an update of the package, run "${again}"${where}.`)
  output.print(
    `Next: see that ${folder} is served at the top of your site, and call connect() of 'modelferry' in the page${
      script ? ', or write <script src="/modelferry.js" data-auto></script> into its <head>' : ''
    }.`,
  )
}

interface Copy {
  /** As the user knows it. */
  readonly path: string
  readonly file: string
  readonly text: string
  /** What is there now. */
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
        `${path} is not from modelferry, so it stays as it is and nothing was copied. Move it away, or name another folder.`,
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
 * Takes the copies out of a site again, and of the project's memory. What is not ours stays.
 *
 * @param command from `parseCommand`
 * @param root folder of the project's package.json
 * @throws FerryError `configuration` when no folder is known, or the place of the worker that is to be left is
 *   taken by a file of somebody else
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
      if (stays) output.print(`${path} ends the service worker on devices that still have it`)
      else if (state === 'ours') output.print(`${path} removed`)
      else if (state === 'foreign') output.print(`${path} is not from modelferry, so it stays`)
    }
    await project.forget(each)
  }
  output.print(
    leave === undefined
      ? 'Next: remove connect() from the page. Devices that were here before keep the service worker until it is ended: modelferry remove --self-destroy leaves a file that does it.'
      : 'Next: remove connect() from the page, and publish the file for as long as visitors may come back.',
  )
}

async function leaveWorker(folder: string, kind: 'self-destroying' | 'clearing'): Promise<void> {
  const file = join(folder, 'modelferry-sw.js')
  if ((await siteFile(file)).state === 'foreign') {
    throw new FerryError(
      'configuration',
      `${file} is not from modelferry, so it stays as it is. Move it away, or name another folder.`,
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
