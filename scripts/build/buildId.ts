import { hashFiles } from './hashFiles.ts'
import { isProduct } from './isProduct.ts'

const serverRooms = /^src\/(?:hub|gateway|shipping|vite|cli)\//

/**
 * Id of the sources of page, loader and service worker. The three are one program in three realms. A browser may run
 * an old part beside a new one, so they compare this id in their first message.
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
