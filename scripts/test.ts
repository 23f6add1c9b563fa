import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { browsersStep } from './browser/browsersStep.ts'
import { obtainClient } from './compat/obtainClient.ts'
import { npmStep } from './steps/npmStep.ts'
import { playwrightStep } from './steps/playwrightStep.ts'
import { runNpm } from './steps/runNpm.ts'
import { runTests } from './steps/runTests.ts'
import { vitestStep } from './steps/vitestStep.ts'

// The hub clients and e2e use the same uploaded files: see e2e/stage/globalSetup.ts.
const library = await mkdtemp(path.join(tmpdir(), 'modelferry-e2e-'))
process.env['STAGE_LIBRARY'] = library

await runTests([
  [
    browsersStep({ shell: true }),
    npmStep('format', 'format:check'),
    npmStep('lint', 'lint'),
    npmStep('types', 'types'),
    npmStep('imports', 'imports'),
    npmStep('unused code', 'knip'),
  ],
  npmStep('build', 'build'),
  npmStep('demo build', 'build:demo'),
  [
    vitestStep('unit', 'unit'),
    {
      // It mostly waits for the network and the disk.
      name: 'Python client',
      // Not a test. `npm run compat` says why there is none.
      tally: () => ({ passed: 0, failed: 0 }),
      run: () => obtainClient(),
    },
    npmStep('package', 'package:check'),
    npmStep('size', 'size'),
    npmStep('packed install', 'pack:check'),
  ],
  [
    // Each of these leaves most of the processor time to the others.
    vitestStep('browser unit', 'unit:browser'),
    npmStep('hub clients', 'compat'),
    { name: 'attack', run: () => runNpm(['run', '--silent', 'test:attack', '--', '--fast']) },
  ],
  playwrightStep('e2e', { limitMs: 30 * 60_000 }),
])

await rm(library, { recursive: true, force: true })
