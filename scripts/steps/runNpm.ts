import { runProgram } from './runProgram.ts'
import type { RunOptions } from './runProgram.ts'

/**
 * Runs npm: the npm that started this process, else the one beside Node.
 *
 * @param args arguments of `npm`
 * @returns as {@link runProgram}
 * @throws as {@link runProgram}
 */
export function runNpm(args: readonly string[], options: RunOptions = {}): Promise<string> {
  // Otherwise `npm test --silent` would also hide the errors of nested npm calls.
  const quiet = { ...options, env: { npm_config_loglevel: 'error', ...options.env } }
  const npm = process.env['npm_execpath']
  if (npm?.endsWith('.js')) return runProgram(process.execPath, [npm, ...args], quiet)
  return runProgram(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, quiet)
}
