import type { Address } from './Address.ts'

/** A range of addresses in CIDR notation. */
export interface AddressRange {
  readonly address: Address
  /** How many leading bits have to be the same: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly bits: number
}
