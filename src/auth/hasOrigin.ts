/**
 * Whether an address lies on one of the origins, compared whole: scheme, host and port.
 *
 * @param url any text; what is no URL lies nowhere
 */
export function hasOrigin(url: string, origins: readonly string[]): boolean {
  try {
    return origins.includes(new URL(url).origin)
  } catch {
    return false
  }
}
