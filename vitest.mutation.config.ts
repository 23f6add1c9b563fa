import { defineConfig } from 'vitest/config'
import type { ViteUserConfig } from 'vitest/config'

import { buildDefines } from './scripts/build/buildDefines.ts'

/** What `npm run mutation` runs for each mutant: the unit tests of the rooms that it changes. */
const config: ViteUserConfig = defineConfig({
  oxc: { define: buildDefines(import.meta.dirname) },
  test: {
    include: ['src/{auth,codec,queue,reconstruction}/**/*.test.ts'],
    exclude: ['**/*.browser.*', '**/*.long.test.ts'],
    environment: 'node',
    setupFiles: ['scripts/steps/unitSetup.ts'],
    testTimeout: 30_000,
  },
})

export default config
