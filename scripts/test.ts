import { browserStep } from './browser/browserStep.ts'
import { firefoxStep } from './browser/firefoxStep.ts'
import { npmStep } from './steps/npmStep.ts'
import { playwrightStep } from './steps/playwrightStep.ts'
import { runNpm } from './steps/runNpm.ts'
import { runTests } from './steps/runTests.ts'
import { vitestStep } from './steps/vitestStep.ts'

await runTests([
  browserStep,
  firefoxStep,
  [
    npmStep('format', 'format:check'),
    npmStep('lint', 'lint'),
    npmStep('types', 'types'),
    npmStep('imports', 'imports'),
    npmStep('unused code', 'knip'),
  ],
  vitestStep('unit', 'unit'),
  npmStep('build', 'build'),
  npmStep('demo build', 'build:demo'),
  [
    npmStep('package', 'package:check'),
    npmStep('size', 'size'),
    npmStep('packed install', 'pack:check'),
    vitestStep('browser unit', 'unit:browser'),
  ],
  playwrightStep('e2e', { limitMs: 30 * 60_000 }),
  npmStep('hub clients', 'compat'),
  { name: 'attack', run: () => runNpm(['run', '--silent', 'test:attack', '--', '--fast']) },
])
