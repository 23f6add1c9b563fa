import { existsSync } from 'node:fs'
import { onPath } from './onPath.ts'

/**
 * An X server that needs no screen, for browsers that do not run without one.
 *
 * @returns its path; undefined when there is none
 */
export function installedScreen(): string | undefined {
  return onPath(['Xvfb'], process.env).find((file) => existsSync(file))
}
