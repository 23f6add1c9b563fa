/**
 * Whether the installed packages match the lock file: every package in its version. Packages for other platforms are
 * optional and may be missing; additional packages are allowed.
 *
 * @param lock package-lock.json
 * @param installed node_modules/.package-lock.json, which npm writes last; undefined when there is none
 */
export function packagesMatch(lock, installed) {
  if (!lock || !installed) return false
  return Object.entries(lock.packages).every(([where, wanted]) => {
    if (!where.startsWith('node_modules/')) return true
    const found = installed.packages[where]
    if (!found) return Boolean(wanted.optional || wanted.devOptional)
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}
