// Attacks the built command from outside, as docs/security.md describes. `--fast` skips or shortens the slow attacks.

import { killsDuringChanges, killsDuringCommits } from './attack/kills.ts'
import { longWork } from './attack/long-work.ts'
import { malformed } from './attack/malformed.ts'
import { changesAtOnce, neighbour } from './attack/repositories.ts'
import {
  counters,
  madeUpToken,
  oddMethods,
  preflights,
  shutdown,
  upstreamPath,
} from './attack/rows.ts'
import { slowBodies } from './attack/slow-bodies.ts'
import { startTarget } from './attack/target.ts'
import { isStale } from './build/isStale.ts'
import { runNpm } from './steps/runNpm.ts'

const fast = process.argv.includes('--fast')
const seed = Number(process.env['ATTACK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
if (isStale(process.cwd())) await runNpm(['run', '--silent', 'build'])

const target = await startTarget()
type Attack = readonly [name: string, play: () => Promise<string>]
const slow: readonly Attack[] = [
  ['work that holds the event loop', () => longWork(target, 20_000)],
  ['kills during commits', () => killsDuringCommits(12)],
  ['kills during moves, copies, squashes and deletions', () => killsDuringChanges(5)],
]
const attacks: readonly Attack[] = [
  ['a made-up token writes', () => madeUpToken(target)],
  ['a path leaves its upstream', () => upstreamPath(target)],
  ['counters are read from loopback', () => counters(target)],
  ['methods for caches and debuggers', () => oddMethods(target)],
  ['preflights of SDKs', () => preflights(target)],
  ['a token of another repository', () => neighbour(target)],
  ['changes at once', () => changesAtOnce(target)],
  ['malformed requests', () => malformed(target, fast ? 500 : 5000, seed)],
  ['slow bodies from 32 addresses', () => slowBodies(target, fast ? 3000 : 60_000)],
  ...(fast ? [] : slow),
  ['the end of the server', () => shutdown(target)],
]
let failed = 0
for (const [name, play] of attacks) {
  try {
    console.log(`✓ ${name}: ${await play()}`)
  } catch (error) {
    failed++
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
await target.stop()
console.log(`${attacks.length - failed} of ${attacks.length} attacks were repelled.`)
if (failed > 0) process.exitCode = 1
