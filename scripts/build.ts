import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { build } from 'vite'

import { buildPasses } from './build/buildPasses.ts'
import { packageEntries } from './build/packageEntries.ts'
import { stampOf } from './build/stampOf.ts'
import { stampPath } from './build/stampPath.ts'
import { runProgram } from './steps/runProgram.ts'

const root = path.resolve(import.meta.dirname, '..')
const stamp = path.join(root, stampPath)

const missing = packageEntries.filter(({ source }) => !existsSync(path.join(root, source)))
if (missing.length > 0) {
  const list = missing.map(({ name, source }) => `  dist/${name}.js starts at ${source}`).join('\n')
  throw new Error(`The build cannot start, these sources do not exist:\n${list}`)
}

rmSync(stamp, { force: true })
rmSync(path.join(root, 'dist'), { recursive: true, force: true })
for (const { mode } of buildPasses) {
  await build({ configFile: path.join(root, 'vite.config.ts'), mode, logLevel: 'warn' })
}
const tsc = path.join(root, 'node_modules/typescript-native/bin/tsc')
await runProgram(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root })
chmodSync(path.join(root, 'dist/cli.js'), 0o755)
mkdirSync(path.dirname(stamp), { recursive: true })
writeFileSync(stamp, stampOf(root))
