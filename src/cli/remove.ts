import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FerryError } from '../core/FerryError.ts'
import { selfDestroyingWorker } from '../shipping/selfDestroyingWorker.ts'
import type { ShippedScript } from '../shipping/ShippedScript.ts'
import type { Command } from './Command.ts'
import { explainFileError } from './explainFileError.ts'
import { foldersOf } from './foldersOf.ts'
import type { Output } from './Output.ts'
import { Project } from './Project.ts'
import { siteFile } from './siteFile.ts'
import { writeSiteFile } from './writeSiteFile.ts'

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
