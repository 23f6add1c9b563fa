import { parseIpv4 } from './parseIpv4.ts'

const group = /^[0-9a-f]{1,4}$/i

/**
 * Reads an IPv6 address in any form of RFC 4291, section 2.2, without zone, brackets or port.
 *
 * @returns eight groups; null for anything else
 * @example parseIpv6('2001:db8::1') // [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]
 */
export function parseIpv6(text: string): number[] | null {
  // Longer than the longest form: nothing to split.
  if (text.length > 45) return null
  const [front = '', back, ...more] = text.split('::')
  if (more.length > 0) return null
  const head = groupsOf(front, back === undefined)
  if (back === undefined) return head?.length === 8 ? head : null
  const tail = groupsOf(back, true)
  if (head === null || tail === null) return null
  const zeros = 8 - head.length - tail.length
  // The double colon stands for at least one group.
  return zeros < 1 ? null : [...head, ...Array<number>(zeros).fill(0), ...tail]
}

function groupsOf(text: string, last: boolean): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const pieces = text.split(':')
  for (const [index, piece] of pieces.entries()) {
    const ipv4 = last && index === pieces.length - 1 ? parseIpv4(piece) : null
    if (ipv4 !== null) groups.push(ipv4 >>> 16, ipv4 & 0xffff)
    else if (group.test(piece)) groups.push(Number.parseInt(piece, 16))
    else return null
  }
  return groups
}
