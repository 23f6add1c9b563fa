import { readFile } from 'node:fs/promises'
import { checkVectors } from './vectors/checkVectors.ts'
import type { VectorTally } from './vectors/VectorTally.ts'

const path = process.argv[2]
const tally: VectorTally =
  path === undefined
    ? { passed: 0, failures: ['no file given: npm run vectors -- <file.json>'] }
    : await readFile(path, 'utf8').then(
        (text) => checkVectors(text),
        (error: unknown) => ({ passed: 0, failures: [`cannot read ${path}: ${String(error)}`] }),
      )

for (const failure of tally.failures) console.log(`FAIL ${failure}`)
console.log(`${tally.passed} passed, ${tally.failures.length} failed`)
if (tally.failures.length > 0) process.exitCode = 1
