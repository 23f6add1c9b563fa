import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Whether a browser is installed and starts: required libraries may be missing, and some systems install a
 * placeholder script that only explains how to install it.
 *
 * @param file the program
 * @param says pattern of its `--version` output
 */
export function browserRuns(file: string, says: RegExp): boolean {
  if (!existsSync(file)) return false
  // Browsers on Windows open a window instead of printing a version.
  if (process.platform === 'win32') return true
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 })
  return status === 0 && says.test(stdout)
}
