/** The path of an address within a hub, from its first slash on, without query; undefined: it is elsewhere. */
export function hubPath(url: string, hubs: readonly string[]): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const bases = hubs.map((hub) => hub.replace(/\/+$/, ''))
  const base = bases.find((each) => path.startsWith(`${each}/`))
  return base === undefined ? undefined : path.slice(base.length)
}
