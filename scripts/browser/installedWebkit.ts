import { existsSync } from 'node:fs'
import { env, platform } from 'node:process'
import { findBrowser } from './findBrowser.ts'
import { installedScreen } from './installedScreen.ts'
import { webkit } from './webkit.ts'

/**
 * The MiniBrowser of WebKitGTK on this machine: the one named by `MINIBROWSER_PATH`, or an installed one. Without a
 * display it prints nothing, not even its version, so only the existence of the program and of an X server is
 * checked.
 *
 * @returns its path; undefined when there is none
 * @throws Error as {@link findBrowser} does
 */
export function installedWebkit(): string | undefined {
  if (installedScreen() === undefined) return undefined
  return findBrowser(webkit, { platform, env, runs: existsSync })
}
