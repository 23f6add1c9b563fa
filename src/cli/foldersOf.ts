import { FerryError } from '../core/FerryError.ts'
import type { Project } from './Project.ts'

/**
 * The folders a command is about: the one named, or all that the project remembers.
 *
 * @param example how to name one
 * @throws FerryError `configuration` when there is none, or package.json cannot be read
 */
export async function foldersOf(
  project: Project,
  named: string | undefined,
  example: string,
): Promise<string[]> {
  // Read in any case: what is wrong with it is better said before anything is written.
  const folders = await project.folders()
  if (named !== undefined) return [named]
  if (folders.length > 0) return folders
  throw new FerryError(
    'configuration',
    `No folder is remembered in package.json. Name the one your site serves at its top: ${example}`,
  )
}
