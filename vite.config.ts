import { defineConfig } from 'vite'
import type { UserConfigFnObject } from 'vite'

import { buildDefines } from './scripts/build/buildDefines.ts'
import { buildPasses } from './scripts/build/buildPasses.ts'
import { scriptBanner } from './scripts/build/scriptBanner.ts'

const root = import.meta.dirname

/** One pass of the package's build, chosen by `--mode`; `npm run build` runs all of them. */
const config: UserConfigFnObject = defineConfig(({ mode }) => {
  const pass = buildPasses.find((each) => each.mode === mode)
  if (!pass) {
    const modes = buildPasses.map((each) => each.mode).join(', ')
    throw new Error(`No build pass is called "${mode}". Use "npm run build", or --mode ${modes}.`)
  }
  const script = pass.kind === 'script'
  const defines = buildDefines(root)
  return {
    root,
    publicDir: false,
    envDir: false,
    define: {
      ...defines,
      // Library builds keep process.env.NODE_ENV for the bundler of the importing app; a script has none
      // behind it, and the name would be a ReferenceError in a worker.
      ...(script && { 'process.env.NODE_ENV': '"production"' }),
    },
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      minify: script,
      sourcemap: true,
      reportCompressedSize: false,
      lib: {
        entry: Object.fromEntries(pass.entries.map(({ name, source }) => [name, source])),
        formats: [script ? 'iife' : 'es'],
        name: 'modelferry',
        fileName: (_format, name) => `${name}.js`,
      },
      rolldownOptions: {
        platform: pass.kind === 'node' ? 'node' : 'browser',
        external: script ? [] : (id) => !/^[./]|^\0/.test(id) && !id.startsWith(root),
        output: {
          chunkFileNames: `chunks/${pass.kind}-[name].js`,
          // Identifies a copy on a site as modelferry's; see src/shipping.
          ...(script && { postBanner: scriptBanner(defines) }),
        },
      },
    },
  }
})

export default config
