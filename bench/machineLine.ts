import { availableParallelism, cpus, platform } from 'node:os'

/**
 * Describes the machine of the measurement, in one line.
 *
 * @param browser its name and version; undefined: no browser
 */
export function machineLine(browser?: string): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const parts = [
    platform(),
    `Node ${process.versions.node}`,
    ...(browser === undefined ? [] : [browser]),
  ]
  return `${availableParallelism()} cores (${model}), ${parts.join(', ')}`
}
