import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Whether a browser is there and starts: libraries it needs may be missing, and some systems put a script in
 * its place that only says how to install it.
 *
 * @param file the program
 * @param says what its `--version` says
 */
export function browserRuns(file: string, says: RegExp): boolean {
  if (!existsSync(file)) return false
  // Browsers on Windows open a window instead of answering.
  if (process.platform === 'win32') return true
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 })
  return status === 0 && says.test(stdout)
}
