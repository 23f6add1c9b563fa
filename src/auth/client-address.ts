// Which address a request comes from behind trusted proxies, and the network that it counts for.
import { FerryError } from '../core/index.ts'
import { trimEnds, type AuthRequest } from './credential.ts'

/**
 * Address of the client. Each proxy appends the address of its peer. So the list is read from the right while the
 * addresses are trusted; the client may have written the items further left itself.
 *
 * @param peer address of the socket, null when there is none
 * @param header name of the trusted header
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

/**
 * Whether a request seems to come through a proxy that is not trusted, so that the callers behind it count as one.
 *
 * @param header name of the trusted header; the usual names count too
 * @returns `loopback`: the peer is on this machine, so it is a proxy; `remote`: it may also be a caller that sent the
 *   header itself; undefined: no sign of a proxy, or it is trusted
 * @example findForgottenProxy('127.0.0.1', new Headers({ forwarded: 'for=x' }), [], 'x-forwarded-for') // 'loopback'
 */
export function findForgottenProxy(
  peer: string | null,
  headers: Pick<AuthRequest['headers'], 'has'>,
  proxies: TrustedProxies,
  header: string,
): 'loopback' | 'remote' | undefined {
  if (![header, 'x-forwarded-for', 'forwarded'].some((name) => headers.has(name))) return undefined
  const address = peer === null ? null : parseAddress(peer)
  if (address === null || isTrusted(address, proxies)) return undefined
  return isTrusted(address, loopback) ? 'loopback' : 'remote'
}

/**
 * Key of one anonymous quota: an IPv4 address, or an IPv6 network, because one client controls a whole network. Clients
 * with unknown addresses share a single key.
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

/**
 * The wider network of a {@link networkKey}, for `group` of a queue's ticket: /48 of an IPv6 address, /24 of an IPv4
 * address. One party may control all networks in it, so their share of the waiting room is limited together.
 *
 * @param key as `decision.network` gives it
 * @returns undefined for a key without an address: `ip:unknown` is a single key
 * @example networkGroup('ip:2001:db8:1:2::/64') // 'ip:2001:db8:1::/48'
 */
export function networkGroup(key: string): string | undefined {
  const [text = '', bits] = key.slice('ip:'.length).split('/')
  const address = parseAddress(text)
  if (address === null) return undefined
  if (typeof address !== 'number') return networkKey(address, Math.min(48, Number(bits ?? 128)))
  return `${networkKey((address & 0xffffff00) >>> 0, 0)}/24`
}

/**
 * Parses the address ranges of trusted proxies.
 *
 * @param texts as `10.0.0.0/8`, `fd12:3456:789a::/48`, or single addresses
 * @throws FerryError `configuration`, naming the entry that is not a range
 * @example const proxies = parseTrustedProxies(['127.0.0.1', '10.0.0.0/8'])
 */
export function parseTrustedProxies(texts: readonly string[]): TrustedProxies {
  return texts.map((text): AddressRange => {
    const range = parseRange(text)
    if (range) return range
    throw new FerryError(
      'configuration',
      `trustedProxies has "${text}", which is not an address range. Write it as "10.0.0.0/8" or "fd12::/48".`,
    )
  })
}

/** Proxies whose forwarded header is trusted. */
export type TrustedProxies = readonly AddressRange[]

/** A range of addresses in CIDR notation. */
export interface AddressRange {
  readonly address: Address
  /** How many leading bits have to be the same: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly bits: number
}

/** An IP address: IPv4 as 32 bits, IPv6 as eight groups of 16 bits. */
export type Address = number | readonly number[]

const loopback: TrustedProxies = [
  { address: 0x7f00_0000, bits: 8 },
  { address: [0, 0, 0, 0, 0, 0, 0, 1], bits: 128 },
]

/** Whether an address is in a trusted range. */
export function isTrusted(address: Address, proxies: TrustedProxies): boolean {
  for (const range of proxies) if (isInRange(address, range)) return true
  return false
}

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

/**
 * Parses a range of addresses; without a slash it is a single address.
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

/**
 * Parses an IP address. An IPv4-mapped IPv6 address (`::ffff:0:0/96`) becomes the IPv4 address: servers that listen on
 * both report it in that form.
 *
 * @returns null for anything that is not strictly an address
 */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) return parseIpv4(text)
  const groups = parseIpv6(text)
  if (groups === null || groups[5] !== 0xffff || groups.slice(0, 5).some(Boolean)) return groups
  return ((groups[6]! << 16) | groups[7]!) >>> 0
}

const part = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'

const dotted = new RegExp(`^${part}\\.${part}\\.${part}\\.${part}$`)

/**
 * Parses an IPv4 address: four decimal parts without leading zeros. Shorter, octal and hexadecimal forms are refused:
 * one client would have several keys.
 *
 * @returns 32 bits; null for anything else
 * @example parseIpv4('10.0.0.5') // 0x0a000005
 */
function parseIpv4(text: string): number | null {
  const parts = dotted.exec(text)
  if (parts === null) return null
  const [, a, b, c, d] = parts
  return ((Number(a) << 24) | (Number(b) << 16) | (Number(c) << 8) | Number(d)) >>> 0
}

const group = /^[0-9a-f]{1,4}$/i

/**
 * Parses an IPv6 address in any form of RFC 4291, section 2.2, without zone, brackets or port.
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

/**
 * Formats an IPv6 address as in RFC 5952, section 4: lower case, no leading zeros, the longest run of two
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

/**
 * The network of an IPv6 address.
 *
 * @param groups eight numbers of 16 bits
 * @param bits 0 to 128; the rest becomes zero
 */
function maskIpv6(groups: readonly number[], bits: number): number[] {
  return groups.map((group, index) => {
    const kept = Math.min(16, Math.max(0, bits - index * 16))
    return group & (0xffff << (16 - kept)) & 0xffff
  })
}
