import { spawn } from 'node:child_process'

/** Options of {@link runProgram}. */
export interface RunOptions {
  cwd?: string
  /** Added to this process's environment. */
  env?: Readonly<Record<string, string>>
  /** Timeout in milliseconds. Default: 15 minutes. */
  limitMs?: number
  /** Whether its output is shown; otherwise it is collected. Default: true. */
  show?: boolean
}

const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs a program to its end, or until this process is terminated.
 *
 * @param program its path, or a name looked up on PATH
 * @returns its standard output, when that is not shown
 * @throws Error when it cannot be started, ends with another code than 0, or takes longer than the limit;
 *   its message contains the output that was not shown
 * @example await runProgram(process.execPath, ['--version'], { show: false })
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { cwd = process.cwd(), env = {}, limitMs = 15 * 60_000, show = true } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
    })
    let output = ''
    let complaints = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text))
    const forward = (signal: NodeJS.Signals): unknown => child.kill(signal)
    for (const signal of signals) process.on(signal, forward)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      for (const each of signals) process.off(each, forward)
      if (code === 0) return resolve(output)
      const end = signal
        ? `was ended by ${signal}, limit ${limitMs / 1000} s`
        : `ended with ${code}`
      reject(new Error(`${program} ${args.join(' ')}: ${end}\n${output}${complaints}`.trimEnd()))
    })
  })
}
