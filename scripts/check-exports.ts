import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { packageEntries } from './build/packageEntries.ts'
import { packageProblems } from './build/packageProblems.ts'
import type { Manifest } from './build/packageProblems.ts'
import { scriptProblems } from './build/scriptProblems.ts'

const root = path.resolve(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8')

const problems = packageProblems(
  JSON.parse(read('package.json')) as Manifest,
  packageEntries,
  (file) => existsSync(path.join(root, file)),
)
for (const { name, kind } of packageEntries) {
  const file = `dist/${name}.js`
  if (kind === 'script' && existsSync(path.join(root, file))) {
    problems.push(...scriptProblems(file, read(file)))
  }
}

for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
