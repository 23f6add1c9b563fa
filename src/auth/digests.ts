import { FerryError } from '../core/index.ts'
import { isToken68 } from './credentials.ts'
import { parseHost } from './hosts.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes, hexToBytes, bytesToHex } from '@noble/hashes/utils.js'

/** SHA-256 of a token, in both forms that are needed. */
export interface Digest {
  readonly bytes: Uint8Array
  /** 64 lower-case hex digits. */
  readonly hex: string
}

const digits: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * Bytes as lower-case hex digits. Made in one piece: a text put together from pairs has to be copied again when
 * it is looked up or cut, which every digest of a token is.
 *
 * @param bytes a few hundred at most
 */
export function hexOf(bytes: Uint8Array): string {
  const codes: number[] = []
  for (const byte of bytes) codes.push(digits[byte >> 4]!, digits[byte & 15]!)
  return String.fromCharCode(...codes)
}

/** SHA-256 of a token. Tokens are long random texts, so that a fast hash hides them. */
export function digestOf(token: string): Digest {
  const bytes = sha256(asciiBytes(token) ?? utf8ToBytes(token))
  return { bytes, hex: hexOf(bytes) }
}

/** The bytes of plain ASCII, as all tokens are; an encoder takes half as long as the hash for so few. */
function asciiBytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return null
    bytes[index] = code
  }
  return bytes
}

/**
 * Compares two digests of 32 bytes in a time that does not depend on what they hold: browsers have no function
 * for it.
 */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  let difference = (a.length ^ 32) | (b.length ^ 32)
  for (let index = 0; index < 32; index++) difference |= a[index]! ^ b[index]!
  return difference === 0
}

/**
 * Says whether a digest is one of a set. The entry is found by a map, whose time may tell how a digest begins;
 * that helps nobody, because who sends tokens cannot steer their digests, and knows them anyway. Whether it is
 * equal is then found in constant time.
 *
 * @param digests 64 hex digits each
 */
export function digestSet(digests: readonly string[]): (digest: Digest) => boolean {
  const known = new Map(digests.map((hex) => [hex.toLowerCase(), hexToBytes(hex)]))
  const nothing = new Uint8Array(32)
  return ({ hex, bytes }) => {
    const found = known.get(hex)
    return equalDigests(found ?? nothing, bytes) && found !== undefined
  }
}

/** How legacy tokens are turned into hashes. */
export interface LegacyHashesOptions {
  /** Whether values that are host names may stay tokens, though everybody knows them. Default: false. */
  readonly allowHostNames?: boolean
}

/**
 * Turns the values of an old token list into what `legacyTokens` takes, once, for a migration.
 *
 * @param values as they were used; blanks are part of them
 * @returns SHA-256 of each, 64 hex digits, each once
 * @throws FerryError `configuration` with the place (never the value) of one that no request can carry, or that
 *   is a host name: with a dot in it, or `localhost`
 * @example legacyHashes(['legacy-01']) // ['ca7ddcaf78c75034...']
 */
export function legacyHashes(
  values: readonly string[],
  { allowHostNames = false }: LegacyHashesOptions = {},
): string[] {
  const hashes = values.map((value, index) => {
    const place = `Legacy token ${index + 1} of ${values.length}`
    if (!isToken68(value))
      throw new FerryError(
        'configuration',
        `${place} has ${value.length} characters, not all of which may stand in a token. Leave it out: no request can carry it.`,
      )
    if (!allowHostNames && isHostName(value))
      throw new FerryError(
        'configuration',
        `${place} is a host name, which everybody can guess. Give its user a token, or set allowHostNames.`,
      )
    return digestOf(value).hex
  })
  return [...new Set(hashes)]
}

/** Single labels are what most legacy tokens look like, so they do not count. */
function isHostName(value: string): boolean {
  const host = parseHost(value)
  return host !== null && (value.includes('.') || host === 'localhost')
}

/**
 * SHA-256 as 64 lower-case hex digits.
 *
 * @param data a text is taken as UTF-8
 */
export function sha256Hex(data: Uint8Array | string): string {
  return bytesToHex(sha256(typeof data === 'string' ? new TextEncoder().encode(data) : data))
}

/**
 * Compares two texts of public length (digests, signatures) without telling by its duration where they differ.
 * Neither browsers nor the standard library of every runtime have such a comparison.
 */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let at = 0; at < a.length; at += 1) {
    difference |= a.charCodeAt(at) ^ b.charCodeAt(at % (b.length || 1))
  }
  return difference === 0
}
