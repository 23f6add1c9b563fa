import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { packageEntries } from './build/packageEntries.ts'
import { askServer } from './pack/askServer.ts'
import { consumerFiles } from './pack/consumerFiles.ts'
import { runNpm } from './steps/runNpm.ts'
import { runProgram } from './steps/runProgram.ts'
import { runSteps } from './steps/runSteps.ts'

// Installs the packed package into an empty project, and uses each part of it once.

const root = path.resolve(import.meta.dirname, '..')
const cwd = mkdtempSync(path.join(tmpdir(), 'modelferry-pack-'))
const installed = path.join(cwd, 'node_modules/modelferry')
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string
}

/** Throws the sentence when a condition is false. */
function promise(kept: boolean, sentence: string): void {
  if (!kept) throw new Error(sentence)
}

try {
  for (const [name, text] of Object.entries(consumerFiles)) {
    writeFileSync(path.join(cwd, name), text)
  }
  const results = await runSteps([
    {
      name: 'pack',
      run: () => runNpm(['pack', '--pack-destination', cwd], { cwd: root, show: false }),
    },
    {
      name: 'install',
      run: () =>
        runNpm(['install', '--no-audit', '--no-fund', `./modelferry-${version}.tgz`], {
          cwd,
          show: false,
        }),
    },
    {
      name: 'files',
      run: async () => {
        for (const file of packageEntries.map(({ name }) => `dist/${name}.js`)) {
          promise(existsSync(path.join(installed, file)), `${file} is not in the package`)
        }
      },
    },
    {
      name: 'import',
      run: () => runProgram(process.execPath, ['import.js'], { cwd, show: false, limitMs: 30_000 }),
    },
    {
      name: 'command',
      run: async () => {
        const args = ['exec', '--offline', '--', 'modelferry', '--version']
        const printed = (await runNpm(args, { cwd, show: false, limitMs: 60_000 })).trim()
        promise(printed === version, `modelferry --version says "${printed}", not "${version}"`)
      },
    },
    {
      name: 'serve',
      run: async () => {
        mkdirSync(path.join(cwd, 'hub'))
        const args = [path.join(installed, 'dist/cli.js'), 'serve', 'hub', '--port', '0']
        const status = await askServer(args, '/nobody/nothing/resolve/main/model.bin', { cwd })
        promise(status === 404 || status === 401, `the hub says ${status} to an unknown repository`)
      },
    },
    {
      name: 'types',
      run: () => {
        const modules = path.join(root, 'node_modules')
        const tsc = path.join(modules, 'typescript/bin/tsc')
        const args = [tsc, '-p', '.', '--typeRoots', path.join(modules, '@types')]
        return runProgram(process.execPath, args, { cwd, show: false, limitMs: 120_000 })
      },
    },
  ])
  process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0
} finally {
  rmSync(cwd, { recursive: true, force: true })
}
