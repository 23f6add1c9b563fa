import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { packageEntries } from './packageEntries.ts'
import { stampOf } from './stampOf.ts'
import { stampPath } from './stampPath.ts'

/**
 * Whether `dist/` has to be built: a file is missing, or the sources have changed.
 *
 * @param root the project's root
 */
export function isStale(root: string): boolean {
  const stamp = path.join(root, stampPath)
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== stampOf(root)) return true
  return packageEntries.some((entry) => !existsSync(path.join(root, 'dist', `${entry.name}.js`)))
}
