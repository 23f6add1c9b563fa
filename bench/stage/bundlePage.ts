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
    // onnxruntime-web's runtime is not bundled.
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: {
        input,
        output: { format: 'es', codeSplitting: false },
        onLog: () => {},
      },
    },
  })) as Rolldown.RolldownOutput
  return result.output[0].code
}
