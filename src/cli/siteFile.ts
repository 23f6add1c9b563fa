import { readFile } from 'node:fs/promises'
import { isOurScript } from '../shipping/isOurScript.ts'
import { explainFileError } from './explainFileError.ts'

/** What lies where one of our files belongs: nothing, something of ours, or something of somebody else. */
export interface SiteFile {
  readonly state: 'missing' | 'ours' | 'foreign'
  readonly text: string
}

/**
 * @param file its path
 * @throws FerryError `configuration` when it cannot be read
 */
export async function siteFile(file: string): Promise<SiteFile> {
  try {
    const text = await readFile(file, 'utf8')
    return { state: isOurScript(text) ? 'ours' : 'foreign', text }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explainFileError(error, file)
    return { state: 'missing', text: '' }
  }
}
