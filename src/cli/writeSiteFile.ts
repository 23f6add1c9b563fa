import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { explainFileError } from './explainFileError.ts'

/**
 * Writes a file, and makes its folder where there is none.
 *
 * @throws FerryError `configuration` that says what is in the way
 */
export async function writeSiteFile(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  } catch (error) {
    throw explainFileError(error, file)
  }
}
