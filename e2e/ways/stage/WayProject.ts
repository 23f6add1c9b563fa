import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A user's project with the packed package installed. */
export class WayProject {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  async write(name: string, text: string): Promise<void> {
    const file = join(this.folder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }

  async read(name: string): Promise<string> {
    return await readFile(join(this.folder, name), 'utf8')
  }

  /** Runs a command line as typed. @returns its output; rejects with it on failure */
  async run(line: string): Promise<string> {
    const env = { ...process.env, npm_config_offline: 'true' }
    const { stdout, stderr } = await run('sh', ['-c', line], { cwd: this.folder, env })
    return stdout + stderr
  }
}
