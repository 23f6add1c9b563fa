const part = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const dotted = new RegExp(`^${part}\\.${part}\\.${part}\\.${part}$`)

/**
 * Reads an IPv4 address: four decimal parts without leading zeros. Shorter, octal and hexadecimal forms would
 * let one client go by many names.
 *
 * @returns 32 bits; null for anything else
 * @example parseIpv4('10.0.0.5') // 0x0a000005
 */
export function parseIpv4(text: string): number | null {
  const parts = dotted.exec(text)
  if (parts === null) return null
  const [, a, b, c, d] = parts
  return ((Number(a) << 24) | (Number(b) << 16) | (Number(c) << 8) | Number(d)) >>> 0
}
