/**
 * Writes an IPv6 address as RFC 5952, section 4, wants it: lower case, no leading zeros, the longest run of two
 * zero groups or more shortened, the first of equals.
 *
 * @param groups eight numbers of 16 bits
 * @example formatIpv6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]) // '2001:db8::1'
 */
export function formatIpv6(groups: readonly number[]): string {
  let start = 0
  let length = 1
  for (let from = 0; from < 8; from++) {
    let to = from
    while (to < 8 && groups[to] === 0) to++
    if (to - from > length) {
      start = from
      length = to - from
    }
  }
  const hex = groups.map((group) => group.toString(16))
  if (length === 1) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}
