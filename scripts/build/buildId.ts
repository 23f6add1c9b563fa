import { hashFiles } from './hashFiles.ts'
import { isProduct } from './isProduct.ts'

const serverRooms = /^src\/(?:hub|gateway|shipping|vite|cli)\//

/**
 * Names what page, loader and service worker are built from. The three are one program in three realms, and
 * a browser may run an old one of them beside a new one: they compare this on their first word.
 *
 * @param root the project's root
 * @returns 12 hex digits
 */
export function buildId(root: string): string {
  return hashFiles(
    root,
    ['src', 'sw', 'package.json', 'package-lock.json', 'vite.config.ts'],
    (name) => isProduct(name) && !serverRooms.test(name),
  ).slice(0, 12)
}
