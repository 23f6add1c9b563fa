import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { resolve } = createRequire(import.meta.url)

/**
 * A model of one of the project's packages. They export a script, but not the weights in the same folder.
 *
 * @param script export of the package
 * @param path relative to the script's folder
 */
export function modelFile(script: string, path: string): string {
  return join(dirname(resolve(script)), path)
}
