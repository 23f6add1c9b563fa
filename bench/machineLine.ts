import { availableParallelism, cpus, platform } from 'node:os'

/**
 * What the figures were measured on, in one line.
 *
 * @param browser its name and version
 */
export function machineLine(browser: string): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${availableParallelism()} cores (${model}), ${platform()}, Node ${process.versions.node}, ${browser}`
}
