import { existsSync } from 'node:fs'
import { env, platform } from 'node:process'
import { findBrowser } from './findBrowser.ts'
import { installedScreen } from './installedScreen.ts'
import { webkit } from './webkit.ts'

/**
 * The MiniBrowser of WebKitGTK on this machine: the one named by `MINIBROWSER_PATH`, or an installed one. It says
 * nothing without a screen, not even its version, so that it and one are there has to do.
 *
 * @returns its path; nothing when there is none
 * @throws Error as {@link findBrowser} does
 */
export function installedWebkit(): string | undefined {
  if (installedScreen() === undefined) return undefined
  return findBrowser(webkit, { platform, env, runs: existsSync })
}
