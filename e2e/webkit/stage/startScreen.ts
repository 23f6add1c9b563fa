import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { installedScreen } from '../../../scripts/browser/installedScreen.ts'

/** A virtual screen. */
export interface Screen {
  /** Value for `DISPLAY`. */
  readonly display: string
  end(): void
}

/** Starts an X server on a free display. */
export async function startScreen(): Promise<Screen> {
  const program = installedScreen()
  if (program === undefined) throw new Error('There is no Xvfb on this machine.')
  const args = ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp']
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const display = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).once('line', (line) => resolve(`:${line}`))
    server.once('error', reject)
    server.once('close', (code) => reject(new Error(`Xvfb ended with ${code}.`)))
  })
  return { display, end: () => void server.kill() }
}
