import { join } from 'node:path'
import { build } from 'vite'
import type { Rolldown } from 'vite'

/**
 * Bundles the script of a page with all its imports.
 *
 * @param input path of its source
 */
export async function bundlePage(input: string): Promise<string> {
  const root = join(import.meta.dirname, '../..')
  const result = (await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: {
        input,
        output: { format: 'es', codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput
  return result.output[0].code
}
