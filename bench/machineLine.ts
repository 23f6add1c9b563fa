import { availableParallelism, cpus, platform } from 'node:os'

/**
 * What the figures were measured on, in one line.
 *
 * @param browser its name and version; none: no browser was there
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
