import { FerryError } from '../core/FerryError.ts'
import type { AddressRange } from './AddressRange.ts'
import { parseRange } from './parseRange.ts'
import type { TrustedProxies } from './TrustedProxies.ts'

/**
 * Reads the ranges of addresses whose forwarded headers are believed.
 *
 * @param texts as `10.0.0.0/8`, `fd12:3456:789a::/48`, or single addresses
 * @throws FerryError `configuration`, with the entry that is no range
 */
export function parseTrustedProxies(texts: readonly string[]): TrustedProxies {
  return texts.map((text): AddressRange => {
    const range = parseRange(text)
    if (range) return range
    throw new FerryError(
      'configuration',
      `trustedProxies has "${text}", which is no range of addresses. Write it as "10.0.0.0/8" or "fd12::/48".`,
    )
  })
}
