import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { GatewayProcess } from './GatewayProcess.ts'

const { resolve } = createRequire(import.meta.url)
const program = join(dirname(resolve('modelferry/package.json')), 'dist/cli.js')

/**
 * Starts the command with a gateway in front of an empty hub.
 *
 * @param config content of `gateway.json`; undefined: an open hub without a gateway
 * @throws Error with its output, when the process ends early
 */
export async function startGateway(config: unknown): Promise<GatewayProcess> {
  const home = await mkdtemp(join(tmpdir(), 'modelferry-gateway-'))
  const file = join(home, 'gateway.json')
  if (config !== undefined) await writeFile(file, JSON.stringify(config))
  const rights = config === undefined ? ['--open'] : ['--config', file]
  const child = spawn(
    process.execPath,
    [program, 'serve', join(home, 'models'), '--port', '0', ...rights],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const text: string[] = []
  const log: Record<string, unknown>[] = []
  const notes: string[] = []
  const waiting: ((note: string) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    text.push(line)
    if (line.startsWith('{')) log.push(JSON.parse(line) as Record<string, unknown>)
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    text.push(line)
    notes.push(line)
    waiting.shift()?.(line)
  })
  const printed = (): string => text.join('\n')
  const serving = async (): Promise<RegExpExecArray> => {
    for (;;) {
      const found = /at (http:\S+) \(storage at (http:\S+)\)/.exec(printed())
      if (found) return found
      if (child.exitCode !== null) throw new Error(`The gateway ended.\n${printed()}`)
      await new Promise((later) => setTimeout(later, 20))
    }
  }
  const [, url = '', storageUrl = ''] = await serving()
  return {
    child,
    url,
    storageUrl,
    log,
    printed,
    async reconfigure(next) {
      await writeFile(file, JSON.stringify(next))
      const answer = new Promise<string>((resolve) => waiting.push(resolve))
      child.kill('SIGHUP')
      return await answer
    },
    async close() {
      if (child.exitCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      await rm(home, { recursive: true, force: true })
    },
  }
}
