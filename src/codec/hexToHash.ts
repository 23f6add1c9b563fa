import { FerryError } from '../core/FerryError.ts'

/**
 * The 32 raw bytes of a Xet hash, from its printed form (see `hashToHex`).
 *
 * @param hex 64 lower-case hex digits; the protocol knows no other spelling, and hashes are compared as text
 * @param field what to call the value in the error, for instance `X-Xet-Hash`
 * @throws FerryError `protocol` when the text is anything else
 * @example hexToHash(response.headers.get('x-xet-hash') ?? '', 'X-Xet-Hash')
 * @see Xet protocol, section on hashing, "Hex form"
 */
export function hexToHash(hex: string, field = 'hash'): Uint8Array<ArrayBuffer> {
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    const shown = JSON.stringify(hex.length > 80 ? `${hex.slice(0, 80)}…` : hex)
    throw new FerryError(
      'protocol',
      `The ${field} must be 64 lower-case hex digits, but it is ${shown}. The server does not speak the Xet protocol.`,
    )
  }
  const hash = new Uint8Array(32)
  for (let at = 0; at < 32; at++) {
    // Within its group of 8, byte 0 is printed last.
    const digit = 2 * ((at & 24) + 7 - (at & 7))
    hash[at] = Number.parseInt(hex.slice(digit, digit + 2), 16)
  }
  return hash
}
