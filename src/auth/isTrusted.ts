import type { Address } from './Address.ts'
import { isInRange } from './isInRange.ts'
import type { TrustedProxies } from './TrustedProxies.ts'

/** Whether an address is one of a trusted proxy. */
export function isTrusted(address: Address, proxies: TrustedProxies): boolean {
  for (const range of proxies) if (isInRange(address, range)) return true
  return false
}
