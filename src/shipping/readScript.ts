import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { FerryError } from '../core/FerryError.ts'
import type { ShippedScript } from './ShippedScript.ts'

/**
 * A built file as it is put on a site: without the pointer to its source map, which stays in the package.
 *
 * @throws FerryError `configuration` when the package is not complete
 * @example await writeFile('public/modelferry-sw.js', await readScript('modelferry-sw.js'))
 */
export async function readScript(name: ShippedScript): Promise<string> {
  try {
    // By the package's own name, so that it is found from a chunk, from a copy and from the sources alike.
    const file = createRequire(import.meta.url).resolve(`modelferry/${name}`)
    return (await readFile(file, 'utf8')).replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')
  } catch (cause) {
    throw new FerryError(
      'configuration',
      `The package modelferry is not complete, it lacks dist/${name}. Install it again, or build it.`,
      { cause },
    )
  }
}
