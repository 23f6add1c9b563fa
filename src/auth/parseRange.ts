import type { AddressRange } from './AddressRange.ts'
import { parseAddress } from './parseAddress.ts'

/**
 * Reads a range of addresses; one without a slash is the address alone.
 *
 * @returns null for anything else
 * @example parseRange('10.0.0.0/8')
 */
export function parseRange(text: string): AddressRange | null {
  const [base = '', length, ...more] = text.split('/')
  const address = parseAddress(base)
  if (address === null || more.length > 0) return null
  const mapped = typeof address === 'number' && base.includes(':')
  const width = typeof address === 'number' && !mapped ? 32 : 128
  if (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) return null
  const bits = Number(length ?? width) - (mapped ? 96 : 0)
  return bits < 0 || bits > width - (mapped ? 96 : 0) ? null : { address, bits }
}
