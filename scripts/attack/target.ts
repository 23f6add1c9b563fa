// Starts the built command behind a gateway, with an upstream that records what reaches it. Everything stays on loopback.

import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** Tokens that the configuration of the target knows. */
export const tokens = {
  holder: 'hf_holder-93b1',
  neighbour: 'hf_neighbour-4e7a',
  counters: 'counters-7d02',
} as const

/** The server under attack. */
export interface Target {
  readonly url: string
  readonly port: number
  /** Request targets that the upstream of `/v1/text/` was asked for. */
  readonly upstream: string[]
  /** Writes another rollout into the configuration, and waits until it applies. */
  rollout(rollout: object): Promise<void>
  isRunning(): boolean
  /** Tells the server to end, and does not wait for it. */
  terminate(): void
  /** The longest time in milliseconds that its event loop was held since this was last asked. */
  pause(): Promise<number>
  /** Ends the server. */
  stop(): Promise<void>
}

/**
 * Runs in the server: measures how long its event loop is held, and reports on SIGUSR2. Time in which its main thread had
 * no processor does not count, where the system tells: the machine may be busy with other things.
 */
const probe = `
  import { existsSync, openSync, readSync, writeSync } from 'node:fs'
  const own = '/proc/self/task/' + process.pid + '/schedstat'
  const file = existsSync(own) ? openSync(own) : undefined
  const text = Buffer.alloc(64)
  const worked = () =>
    file === undefined
      ? process.cpuUsage().user / 1000
      : Number(text.toString('latin1', 0, readSync(file, text, 0, 64, 0)).split(' ', 1)[0]) / 1e6
  let at = worked(), longest = 0
  setInterval(() => {
    const now = worked()
    longest = Math.max(longest, now - at)
    at = now
  }, 1).unref()
  process.on('SIGUSR2', () => {
    writeSync(2, 'pause ' + longest.toFixed(1) + '\\n')
    longest = 0
  })
`

/**
 * Starts the target.
 *
 * @throws Error with what it printed, when it does not start
 */
export async function startTarget(): Promise<Target> {
  const home = await mkdtemp(path.join(tmpdir(), 'modelferry-attack-'))
  const upstream: string[] = []
  const recorder = createServer((incoming, outgoing) => {
    upstream.push(incoming.url ?? '')
    setTimeout(() => outgoing.end('ok'), incoming.url === '/generate/hold' ? 1000 : 0)
  })
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve))
  const { port: upstreamPort } = recorder.address() as AddressInfo
  const config = {
    auth: {
      tokens: [
        { sha256: digest(tokens.holder), sub: 'holder', tier: 'nectar', scope: ['write:*'] },
        {
          sha256: digest(tokens.neighbour),
          sub: 'neighbour',
          tier: 'nectar',
          scope: ['write:attack/neighbour'],
        },
      ],
    },
    services: [
      { name: 'hub', path: '/' },
      { name: 'text', path: '/v1/text/', upstream: `http://127.0.0.1:${upstreamPort}/generate` },
    ],
    metrics: { tokens: [digest(tokens.counters)], port: 0 },
    log: { events: [] },
  }
  const file = path.join(home, 'gateway.json')
  await writeFile(file, JSON.stringify(config))
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(probe)}`,
      'dist/cli.js',
      'serve',
      path.join(home, 'models'),
      '--port',
      '0',
      '--listings',
      '--config',
      file,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => void printed.push(line))
  }
  const find = (pattern: RegExp): Promise<string> => waitForLine(child, printed, pattern)
  let terminated = false
  const terminate = (): void => {
    if (!terminated) child.kill('SIGTERM')
    terminated = true
  }
  const url = await find(/ at (http:\S+) \(storage/)
  return {
    url,
    port: Number(new URL(url).port),
    upstream,
    async rollout(rollout) {
      printed.length = 0
      await writeFile(file, JSON.stringify({ ...config, rollout }))
      child.kill('SIGHUP')
      await find(/(now uses)/)
    },
    isRunning: () => child.exitCode === null && child.signalCode === null,
    terminate,
    async pause() {
      // What came with the last answer is to be counted.
      await new Promise((resolve) => setTimeout(resolve, 30))
      printed.length = 0
      child.kill('SIGUSR2')
      return Number(await find(/^pause ([\d.]+)/))
    },
    async stop() {
      if (child.exitCode === null) {
        const ended = once(child, 'exit')
        terminate()
        await ended
      }
      recorder.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function waitForLine(
  child: ChildProcess,
  printed: readonly string[],
  pattern: RegExp,
): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    for (const line of printed) {
      const found = pattern.exec(line)?.[1]
      if (found !== undefined) return found
    }
    if (child.exitCode !== null && tries > 50) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`The server did not print ${pattern.source}. It printed:\n${printed.join('\n')}`)
}
