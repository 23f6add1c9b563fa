import { webkitStep } from './browser/webkitStep.ts'
import { isStale } from './build/isStale.ts'
import { npmStep } from './steps/npmStep.ts'
import { runTests } from './steps/runTests.ts'

await runTests([...(isStale(process.cwd()) ? [npmStep('build', 'build')] : []), webkitStep])
