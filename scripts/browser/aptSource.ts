import { runProgram } from '../steps/runProgram.ts'
import type { BrowserSource } from './obtainBrowser.ts'

async function works(program: string, ...args: string[]): Promise<boolean> {
  try {
    await runProgram(program, args, { show: false, limitMs: 10_000 })
    return true
  } catch {
    return false
  }
}

const isRoot = (): boolean => process.getuid?.() === 0

async function asRoot(...command: [string, ...string[]]): Promise<void> {
  const [program, ...args] = isRoot() ? command : (['sudo', '-n', ...command] as const)
  await runProgram(program, args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, limitMs: 300_000 })
}

/**
 * The system's own packages, when this user may install them.
 *
 * @param packages the browser first
 */
export function aptSource(...packages: readonly [string, ...string[]]): BrowserSource {
  return {
    name: `apt-get install ${packages[0]}`,
    possible: async () =>
      (await works('apt-get', '--version')) && (isRoot() || (await works('sudo', '-n', 'true'))),
    install: async () => {
      await asRoot('apt-get', 'update')
      await asRoot('apt-get', 'install', '-y', '--no-install-recommends', ...packages)
    },
  }
}
