import { spawn } from 'node:child_process'

/** Time for a program to end after the signal, milliseconds. */
const endMs = 5000

/**
 * Starts a program with several processes, such as a browser.
 *
 * @param command the program and its arguments
 * @param env added to this process's environment
 * @returns a function that ends all its processes
 */
export function startProgram(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): () => Promise<void> {
  // In its own process group, because the program may be a script.
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
    // The whole group has ended.
  }
}
