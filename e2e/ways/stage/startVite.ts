import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { FolderSite } from './serveFolder.ts'

/**
 * Starts a project's development server on a free port.
 *
 * @param command `preview` serves the build
 */
export async function startVite(
  cwd: string,
  command: 'dev' | 'preview' = 'dev',
): Promise<FolderSite> {
  const args = [
    'node_modules/.bin/vite',
    command,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    ...(command === 'dev' ? ['--clearScreen=false'] : []),
  ]
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
  const child = spawn(process.execPath, args, { cwd, env })
  const ended = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    const listen = (text: string): void => {
      output += text
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(output) ?? []
      if (found !== undefined) resolve(found)
    }
    child.stdout.setEncoding('utf8').on('data', listen)
    child.stderr.setEncoding('utf8').on('data', listen)
    child.once('exit', () => reject(new Error(`Vite ended without an address:\n${output}`)))
  })
  return {
    url,
    async close() {
      child.kill()
      await ended
    },
  }
}
