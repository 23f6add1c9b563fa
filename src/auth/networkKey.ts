import type { Address } from './Address.ts'
import { formatIpv6 } from './formatIpv6.ts'
import { maskIpv6 } from './maskIpv6.ts'

/**
 * Key of all who share one anonymous quota: an IPv4 address, or an IPv6 network, because one client commands a
 * whole one. Those whose address is not known share a single key.
 *
 * @param ipv6Prefix bits that make a network
 * @example networkKey(parseAddress('2001:db8:1:2::5'), 64) // 'ip:2001:db8:1:2::/64'
 */
export function networkKey(address: Address | null, ipv6Prefix: number): string {
  if (address === null) return 'ip:unknown'
  if (typeof address !== 'number')
    return `ip:${formatIpv6(maskIpv6(address, ipv6Prefix))}/${ipv6Prefix}`
  const part = (shift: number): number => (address >>> shift) & 255
  return `ip:${part(24)}.${part(16)}.${part(8)}.${part(0)}`
}
