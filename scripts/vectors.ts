import { readFile } from 'node:fs/promises'
import { checkAuthVectors } from './vectors/auth/checkAuthVectors.ts'
import { checkInBrowser } from './vectors/auth/checkInBrowser.ts'
import { isAuthFile } from './vectors/auth/isAuthFile.ts'
import { checkVectors } from './vectors/checkVectors.ts'
import type { VectorTally } from './vectors/VectorTally.ts'

/** Runs a file in all its environments: decisions are made in servers and in pages. */
async function run(text: string): Promise<Readonly<Record<string, VectorTally>>> {
  if (!isAuthFile(text)) return { Node: await checkVectors(text) }
  return {
    Node: await checkAuthVectors(text),
    Chromium: await checkInBrowser(text).catch((error: unknown) => failure(String(error))),
  }
}

const failure = (message: string): VectorTally => ({ passed: 0, failures: [message] })

const path = process.argv[2]
const tallies: Readonly<Record<string, VectorTally>> =
  path === undefined
    ? { Node: failure('no file given: npm run vectors -- <file.json>') }
    : await readFile(path, 'utf8').then(run, (error: unknown) => ({
        Node: failure(`cannot read ${path}: ${String(error)}`),
      }))

for (const [where, { passed, failures }] of Object.entries(tallies)) {
  for (const text of failures) console.log(`FAIL in ${where}: ${text}`)
  console.log(`${passed} passed, ${failures.length} failed in ${where}`)
  if (failures.length > 0) process.exitCode = 1
}
