import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { resolve } = createRequire(import.meta.url)

/**
 * A model of one of the project's packages, which export a script and not the weights that lie beside it.
 *
 * @param script what the package exports
 * @param path from the script's folder
 */
export function modelFile(script: string, path: string): string {
  return join(dirname(resolve(script)), path)
}
