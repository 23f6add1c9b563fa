import { runNpm } from './steps/runNpm.ts'

/** `npm run conformance -- <regular expression>` runs only the pairs whose server or request matches. */
const [only = ''] = process.argv.slice(2)

await runNpm(['run', '--silent', 'e2e', '--', 'e2e/conformance/conformance.spec.ts'], {
  env: { CONFORMANCE: 'all', CONFORMANCE_ONLY: only },
  limitMs: 60 * 60_000,
})
