import { join } from 'node:path'
import { build } from 'vite'
import type { Rolldown } from 'vite'

/** The script of the bench's page: modelferry and the hub's own client as a page's bundler would take them. */
export async function bundlePage(): Promise<string> {
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
        input: join(root, 'bench/page/main.ts'),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput
  return result.output[0].code
}
