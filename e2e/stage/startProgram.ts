import { spawn } from 'node:child_process'

/** How long a program that was asked to end may take, milliseconds. */
const endMs = 5000

/**
 * Starts a program, such as a browser, that is many processes.
 *
 * @param command the program and its arguments
 * @param env added to this process's environment
 * @returns ends all of it
 */
export function startProgram(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): () => Promise<void> {
  // A group of its own: what was started may be a script.
  const child = spawn(program, args, {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, ...env },
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve())
    child.once('error', reject)
  })
  return async () => {
    end(child.pid, 'SIGTERM')
    const late = setTimeout(() => end(child.pid, 'SIGKILL'), endMs)
    await ended
    clearTimeout(late)
    end(child.pid, 'SIGKILL')
  }
}

function end(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return
  try {
    process.kill(-group, signal)
  } catch {
    // All of it is gone.
  }
}
