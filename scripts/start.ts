import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { isStale } from './build/isStale.ts'
import { runNpm } from './steps/runNpm.ts'
import { runSteps } from './steps/runSteps.ts'
import type { Step } from './steps/Step.ts'

const root = path.resolve(import.meta.dirname, '..')
const build: Step = { name: 'build', run: () => runNpm(['run', '--silent', 'build']) }
const demo: Step = { name: 'demo', run: () => runNpm(['run', '--silent', 'build:demo']) }

const results = await runSteps(isStale(root) ? [build, demo] : [demo])
if (results.some((result) => result.failed > 0)) process.exit(1)

// In this process, so that the servers end with it.
await import(pathToFileURL(path.join(root, 'demo/serve.ts')).href)
