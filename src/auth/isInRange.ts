import type { Address } from './Address.ts'
import type { AddressRange } from './AddressRange.ts'

/** Whether an address lies in a range; IPv4 lies in no IPv6 range and the other way round. */
export function isInRange(address: Address, { address: base, bits }: AddressRange): boolean {
  if (typeof address === 'number' || typeof base === 'number') {
    if (typeof address !== 'number' || typeof base !== 'number') return false
    return bits === 0 || (address ^ base) >>> (32 - bits) === 0
  }
  return base.every((group, index) => {
    const kept = Math.min(16, Math.max(0, bits - index * 16))
    return (group ^ address[index]!) >>> (16 - kept) === 0
  })
}
