/** How a version stands to another one, as part of a sentence. Pre-releases are left to whoever reads both. */
export function versionOrder(version: string, other: string): string {
  const order = version.localeCompare(other, 'en', { numeric: true })
  return order < 0 ? 'older than' : order > 0 ? 'newer than' : 'of another build than'
}
