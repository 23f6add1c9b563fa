import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { sha256Hex } from './sha256Hex.ts'

/** What is signed, each already in the form in which it travels. */
export interface SignedParts {
  readonly keyId: string
  /** Epoch milliseconds, decimal. */
  readonly timestamp: string
  readonly nonce: string
  readonly method: string
  readonly url: string
  /** SHA-256 of the body, hex. */
  readonly digest: string
  readonly decision: string
}

/**
 * HMAC-SHA-256 (RFC 2104) over the lines of a request, as 64 hex digits. No line can hold a line end: methods,
 * paths and header values have none, and the decision counts by its digest.
 *
 * @throws TypeError when `url` is no absolute URL
 */
export function signatureOf(parts: SignedParts, secret: string): string {
  const { pathname, search } = new URL(parts.url)
  const lines = [
    'modelferry-hmac-sha256-v1',
    parts.keyId,
    parts.timestamp,
    parts.nonce,
    parts.method.toUpperCase(),
    `${pathname}${search}`,
    parts.digest,
    sha256Hex(parts.decision),
  ]
  const bytes = new TextEncoder()
  return bytesToHex(hmac(sha256, bytes.encode(secret), bytes.encode(lines.join('\n'))))
}
