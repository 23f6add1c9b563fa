/**
 * Reads a `Link` header (RFC 8288) the way servers really write it: relative addresses, unquoted or
 * several relation names, any order of parameters. Parts that are no link are passed over.
 *
 * @param base what relative addresses are relative to
 * @returns the first address of each relation, absolute; relation names in lower case
 * @example parseLink('</t>; rel="xet-auth"', 'https://hub.example/f').get('xet-auth') // 'https://hub.example/t'
 */
export function parseLink(header: string, base: string): Map<string, string> {
  const links = new Map<string, string>()
  for (const [, target = '', parameters = ''] of header.matchAll(link)) {
    const url = absolute(target.trim(), base)
    const rel = relation.exec(parameters)
    for (const name of (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/)) {
      if (url !== null && name !== '' && !links.has(name)) links.set(name, url)
    }
  }
  return links
}

/** `<target>` and its parameters, up to the next comma outside quotes. */
const link = /<([^<>]*)>((?:[^",<]|"[^"]*")*)/g
const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i

function absolute(target: string, base: string): string | null {
  try {
    const { protocol, href } = new URL(target, base)
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    return null
  }
}
