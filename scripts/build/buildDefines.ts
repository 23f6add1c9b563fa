import { readFileSync } from 'node:fs'
import path from 'node:path'

import { buildId } from './buildId.ts'

/**
 * The constants of `src/globals.d.ts`, for a bundler's `define`.
 *
 * @param root the project's root
 */
export function buildDefines(root: string): Record<'__VERSION__' | '__BUILD__', string> {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  return {
    __VERSION__: JSON.stringify(manifest.version),
    __BUILD__: JSON.stringify(buildId(root)),
  }
}
