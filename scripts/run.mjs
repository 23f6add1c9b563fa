// Entry point of `npm start` and `npm test`. It needs only Node and npm: it installs the packages when they are
// missing or differ from package-lock.json, then starts the TypeScript program.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { packagesMatch } from './packages/packagesMatch.mjs'

const tasks = ['start', 'test', 'test-long', 'webkit']
const startedAt = Date.now()
const [task, ...rest] = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))

function fail(message) {
  console.error(message)
  process.exit(1)
}

function readLock(file) {
  const full = path.join(root, file)
  return existsSync(full) ? JSON.parse(readFileSync(full, 'utf8')) : undefined
}

function runNode(args, env) {
  return new Promise((resolve) => {
    const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }
    const child = spawn(process.execPath, args, options)
    // A signal to this process, or to npm above it, is meant for the server that it started. The shell in between,
    // which npm starts, may end without forwarding the signal.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    const parent = process.ppid
    setInterval(() => process.ppid === parent || child.kill(), 500).unref()
    child.once('error', (error) => fail(error.message))
    child.once('close', (code) => resolve(code ?? 1))
  })
}

if (!tasks.includes(task)) fail(`Usage: node scripts/run.mjs ${tasks.join('|')}`)

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`modelferry needs Node 20.19 or newer; this is ${process.version}. Install a newer Node.`)
}

if (!packagesMatch(readLock('package-lock.json'), readLock('node_modules/.package-lock.json'))) {
  const npm = process.env.npm_execpath
  if (!npm) fail(`Run this through npm: npm run ${task.replace('-', ':')}`)
  console.log('▶ packages')
  // The browser is found or installed later, and only by steps that need one.
  const env = { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1', npm_config_loglevel: 'error' }
  if ((await runNode([npm, 'ci', '--no-audit', '--no-fund'], env)) !== 0) {
    fail('npm ci failed: the packages of package-lock.json could not be installed (see above).')
  }
  console.log(`✓ packages ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

const script = path.join('scripts', `${task}.ts`)
const env = {
  TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.run.json'),
  RUN_STARTED_AT: String(startedAt),
}
process.exitCode = await runNode(['--import', 'tsx', script, ...rest], env)
