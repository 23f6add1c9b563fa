// SHA-256 digests as hex text, and comparisons in constant time. Tokens are stored and compared as digests only.

import { sha256 } from '@noble/hashes/sha2.js'
import { FerryError } from '../core/index.ts'
import { type AuthRequest, authorizationCandidate, headerOf, isToken68 } from './credential.ts'
import { parseHost } from './site.ts'

/**
 * SHA-256 as 64 lower-case hex digits. Tokens are long random texts, so a fast hash is enough to hide them.
 *
 * @param data a text is encoded as UTF-8
 */
export function sha256Hex(data: Uint8Array | string): string {
  return hexOf(sha256(typeof data === 'string' ? bytesOf(data) : data))
}

/**
 * Compares two texts of public length (digests, signatures) in a time that does not depend on where they differ.
 * Browsers have no such function, and neither has the standard library of every runtime.
 */
export function equalTexts(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let at = 0; at < a.length; at += 1) {
    difference |= a.charCodeAt(at) ^ b.charCodeAt(at % (b.length || 1))
  }
  return difference === 0
}

/**
 * Makes a membership test for a set of digests. A map finds the entry, so the time may reveal the prefix of a digest.
 * Callers cannot choose the digests of their tokens, so this reveals nothing useful. The digests are then compared in
 * constant time.
 *
 * @param digests 64 hex digits each
 * @returns takes a digest as {@link sha256Hex} returns it
 */
export function digestSet(digests: readonly string[]): (digest: string) => boolean {
  const known = new Map(digests.map((hex) => [hex.toLowerCase(), hex.toLowerCase()]))
  return (digest) => {
    const found = known.get(digest)
    return equalTexts(found ?? zeros, digest) && found !== undefined
  }
}

const zeros = '0'.repeat(64)

/** Options of {@link legacyHashes}. */
export interface LegacyHashesOptions {
  /** Whether values that are host names may be tokens, although they can be guessed. Default: false. */
  readonly allowHostNames?: boolean
}

/**
 * Converts the values of an old token list to hashes for `legacyTokens`, once, for a migration.
 *
 * @param values as they were used; blanks are part of them
 * @param options `allowHostNames`: whether values that are host names are accepted
 * @returns SHA-256 of each, 64 hex digits, each once
 * @throws FerryError `configuration` naming the index (never the value) of a value that no request can carry, or that
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
        `${place} has ${value.length} characters, some of which are not allowed in a token. Remove it: no request can carry it.`,
      )
    if (!allowHostNames && isHostName(value))
      throw new FerryError(
        'configuration',
        `${place} is a host name, which can be guessed. Give its user a token, or set allowHostNames.`,
      )
    return sha256Hex(value)
  })
  return [...new Set(hashes)]
}

/** A single label does not count as a host name here: most legacy tokens look like one. */
function isHostName(value: string): boolean {
  const host = parseHost(value)
  return host !== null && (value.includes('.') || host === 'localhost')
}

/** Tokens are plain ASCII; for texts this short, an encoder takes half as long as the hash. */
function bytesOf(text: string): Uint8Array {
  if (text.length > 512) return new TextEncoder().encode(text)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return new TextEncoder().encode(text)
    bytes[index] = code
  }
  return bytes
}

const digits: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** The same as `hexOf` of core in a quarter of the time: each request with a token makes a digest. */
function hexOf(bytes: Uint8Array): string {
  const codes: number[] = []
  for (const byte of bytes) codes.push(digits[byte >> 4]!, digits[byte & 15]!)
  return String.fromCharCode(...codes)
}

/**
 * Makes a test for requests whose `Authorization` header has one of some bearer tokens.
 *
 * @param digests SHA-256 of each token, 64 hex digits
 * @example bearerTest([sha256Hex('t')])(new Headers({ authorization: 'Bearer t' })) // true
 */
export function bearerTest(
  digests: readonly string[],
): (headers: AuthRequest['headers']) => boolean {
  const isKnown = digestSet(digests)
  return (headers) => {
    const value = headerOf(headers, 'authorization')
    const found = value === null ? null : authorizationCandidate(value)
    return found?.wellFormed === true && isKnown(sha256Hex(found.value))
  }
}
