import type { Address } from './Address.ts'
import { parseIpv4 } from './parseIpv4.ts'
import { parseIpv6 } from './parseIpv6.ts'

/**
 * Reads an IP address. An IPv4 address mapped into IPv6 (`::ffff:0:0/96`) is the IPv4 address: servers that
 * listen on both write it that way.
 *
 * @returns null for anything that is not strictly an address
 */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) return parseIpv4(text)
  const groups = parseIpv6(text)
  if (groups === null || groups[5] !== 0xffff || groups.slice(0, 5).some(Boolean)) return groups
  return ((groups[6]! << 16) | groups[7]!) >>> 0
}
