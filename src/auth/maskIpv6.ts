/**
 * The network of an IPv6 address.
 *
 * @param groups eight numbers of 16 bits
 * @param bits 0 to 128; the rest becomes zero
 */
export function maskIpv6(groups: readonly number[], bits: number): number[] {
  return groups.map((group, index) => {
    const kept = Math.min(16, Math.max(0, bits - index * 16))
    return group & (0xffff << (16 - kept)) & 0xffff
  })
}
