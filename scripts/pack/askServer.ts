import { spawn } from 'node:child_process'

const address = /https?:\/\/[\w.[\]:-]+:\d+/

/**
 * Starts a server program, sends one request when it has printed its URL, and stops it.
 *
 * @param args arguments of `node`
 * @param where path and query of the request
 * @param options.cwd working directory
 * @param options.limitMs milliseconds until it counts as failed. Default: 30 000
 * @returns the status of the response
 * @throws Error with its output, when it ends early or takes too long
 */
export async function askServer(
  args: readonly string[],
  where: string,
  options: { cwd: string; limitMs?: number },
): Promise<number> {
  const { cwd, limitMs = 30_000 } = options
  const server = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()))
  try {
    const origin = await new Promise<string>((resolve, reject) => {
      let output = ''
      const fail = (reason: string): void => reject(new Error(`The server ${reason}\n${output}`))
      const timer = setTimeout(() => fail(`named no address within ${limitMs} ms`), limitMs)
      const listen = (text: string): void => {
        output += text
        const [found] = address.exec(output) ?? []
        if (found === undefined) return
        clearTimeout(timer)
        resolve(found)
      }
      server.stdout.setEncoding('utf8').on('data', listen)
      server.stderr.setEncoding('utf8').on('data', listen)
      server.once('error', (error) => fail(`did not start: ${error.message}`))
      void ended.then(() => fail('ended before it named its address'))
    })
    const response = await fetch(origin + where, { signal: AbortSignal.timeout(limitMs) })
    await response.arrayBuffer()
    return response.status
  } finally {
    server.kill()
    await ended
  }
}
