import { browsersStep } from './browser/browsersStep.ts'
import { webkitStep } from './browser/webkitStep.ts'
import { isStale } from './build/isStale.ts'
import { npmStep } from './steps/npmStep.ts'
import { playwrightStep } from './steps/playwrightStep.ts'
import { runTests } from './steps/runTests.ts'
import { vitestStep } from './steps/vitestStep.ts'

const env = { LONG: '1' }
const build = [npmStep('build', 'build'), npmStep('demo build', 'build:demo')]

await runTests([
  browsersStep({ shell: false }),
  ...(isStale(process.cwd()) ? build : []),
  vitestStep('unit', 'unit', { env, limitMs: 40 * 60_000 }),
  vitestStep('browser unit', 'unit:browser', { env, limitMs: 20 * 60_000 }),
  playwrightStep('e2e', { env, args: ['--pass-with-no-tests'], limitMs: 40 * 60_000 }),
  npmStep('attack', 'test:attack', 10 * 60_000),
  playwrightStep('conformance', {
    env: { CONFORMANCE: 'all', CHAOS_SECONDS: '1800' },
    args: ['e2e/conformance'],
    limitMs: 90 * 60_000,
  }),
  playwrightStep('lifetime', { env: { LIFETIME: '1' }, limitMs: 20 * 60_000 }),
  // This is not the browser of users, and its next version may behave differently.
  { ...webkitStep, gates: false },
])
