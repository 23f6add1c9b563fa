/**
 * Says whether a host is on a list: named whole, or with at least one label before the base of a wildcard.
 *
 * @param entries as `parseHostList` gives them
 * @returns takes hosts as `parseHost` gives them
 * @example hostMatcher(['*.apps.example'])('a.b.apps.example') // true
 */
export function hostMatcher(entries: readonly string[]): (host: string) => boolean {
  // A wildcard among them equals no host: hosts have no star.
  const hosts = new Set(entries)
  const bases = new Set(entries.flatMap((entry) => (entry.startsWith('*.') ? entry.slice(2) : [])))
  return (host) => {
    if (hosts.has(host)) return true
    if (bases.size === 0) return false
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1))
      if (bases.has(host.slice(dot + 1))) return true
    return false
  }
}
