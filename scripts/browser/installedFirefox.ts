import { findBrowser } from './findBrowser.ts'
import { firefox } from './firefox.ts'

/**
 * The Firefox of this machine: the one named by `FIREFOX_PATH`, or an installed one.
 *
 * @returns its path; nothing when there is none
 * @throws Error as {@link findBrowser} does
 */
export function installedFirefox(): string | undefined {
  return findBrowser(firefox)
}
