import type { Address } from './Address.ts'
import type { AuthRequest } from './AuthRequest.ts'
import { isTrusted } from './isTrusted.ts'
import { parseAddress } from './parseAddress.ts'
import type { TrustedProxies } from './TrustedProxies.ts'
import { trimEnds } from './trimEnds.ts'

/**
 * Address of the client. Each proxy adds at the right the address it was asked from, so the list is walked from
 * there for as long as the proxies are trusted; what stands further left, the client may have written itself.
 *
 * @param peer address of the socket, null when there is none
 * @param header the one that is believed
 * @returns null when it cannot be known
 */
export function clientAddress(
  peer: string | null,
  headers: AuthRequest['headers'],
  proxies: TrustedProxies,
  header: string,
): Address | null {
  const address = typeof peer === 'string' ? parseAddress(peer) : null
  if (address === null || !isTrusted(address, proxies)) return address
  let client = address
  for (const text of headers.get(header)?.split(',').toReversed() ?? []) {
    const item = trimEnds(text, ' \t')
    if (item === '') continue
    const hop = parseAddress(item)
    if (hop === null || !isTrusted(hop, proxies)) return hop
    client = hop
  }
  return client
}
