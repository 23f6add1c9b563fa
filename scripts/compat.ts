import { obtainClient } from './compat/obtainClient.ts'
import { isStale } from './build/isStale.ts'
import { runNpm } from './steps/runNpm.ts'

const client = await obtainClient()
if ('why' in client) {
  console.log(`Skipped: the Python and Rust clients cannot be installed here.\n${client.why}`)
} else {
  if (isStale(process.cwd())) await runNpm(['run', '--silent', 'build'])
  await runNpm(['run', '--silent', 'e2e'], { env: { COMPAT_PYTHON: client.python } })
}
