import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runProgram } from '../steps/runProgram.ts'

/** The newest versions at the time of writing; pinned, so that runs are reproducible. */
const packages = ['huggingface_hub==2.4.0', 'hf_xet==1.8.0'] as const

/**
 * The Python of a virtual environment with `huggingface_hub` and `hf_xet`, the hub's client in Rust; created when it
 * is missing.
 *
 * @returns its path, or the reason why it is not available
 */
export async function obtainClient(
  folder: string = '.cache/compat',
): Promise<{ python: string } | { why: string }> {
  const home = resolve(folder, packages.join('+'))
  const python = join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const limits = { show: false, limitMs: 5 * 60_000 }
  if (existsSync(join(home, 'complete'))) return { python }
  try {
    await rm(home, { recursive: true, force: true })
    await runProgram('python3', ['-m', 'venv', home], limits)
    await runProgram(python, ['-m', 'pip', 'install', '--quiet', ...packages], limits)
    await runProgram(python, ['-c', `open(${JSON.stringify(join(home, 'complete'))}, 'w')`], limits)
    return { python }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}
