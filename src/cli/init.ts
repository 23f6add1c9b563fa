import { join, resolve } from 'node:path'
import { FerryError } from '../core/FerryError.ts'
import { readScript } from '../shipping/readScript.ts'
import type { ShippedScript } from '../shipping/ShippedScript.ts'
import type { Command } from './Command.ts'
import { foldersOf } from './foldersOf.ts'
import type { Output } from './Output.ts'
import { Project } from './Project.ts'
import { siteFile } from './siteFile.ts'
import { writeSiteFile } from './writeSiteFile.ts'

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
