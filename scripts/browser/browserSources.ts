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

/** The ways to install a browser, the least invasive first. */
export const browserSources: readonly BrowserSource[] = [
  {
    name: "Playwright's own download (at most 120 s)",
    possible: () => true,
    install: () =>
      runProgram(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'], {
        limitMs: 120_000,
      }),
  },
  {
    name: 'apt-get install chromium',
    possible: async () =>
      (await works('apt-get', '--version')) && (isRoot() || (await works('sudo', '-n', 'true'))),
    install: async () => {
      await asRoot('apt-get', 'update')
      // Without a font a page shows no letters, and the demo reads letters off a canvas.
      await asRoot(
        'apt-get',
        'install',
        '-y',
        '--no-install-recommends',
        'chromium',
        'fonts-liberation',
      )
    },
  },
]
