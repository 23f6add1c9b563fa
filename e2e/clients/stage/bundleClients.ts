import { join } from 'node:path'
import { build } from 'vite'

/**
 * Bundles the clients' pages like an app's bundler: installed libraries, each in its own script that page and worker
 * share.
 *
 * @param folder output folder
 */
export async function bundleClients(folder: string): Promise<void> {
  const pages = join(import.meta.dirname, '../pages')
  await build({
    root: pages,
    base: '/clients/',
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    // The runtime is not bundled: it is served from /ort/.
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: { main: join(pages, 'main.ts'), worker: join(pages, 'client.worker.ts') },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        // tfjs's node platform imports modules that browsers do not have.
        onLog: () => {},
      },
    },
  })
}
