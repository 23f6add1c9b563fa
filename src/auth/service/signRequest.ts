import { bytesToHex } from '@noble/hashes/utils.js'
import { systemClock } from '../../core/systemClock.ts'
import type { RequestParts } from './RequestParts.ts'
import type { ServiceCredential } from './ServiceCredential.ts'
import type { SignOptions } from './SignOptions.ts'
import { sha256Hex } from './sha256Hex.ts'
import { signatureHeaders } from './signatureHeaders.ts'
import { signatureOf } from './signatureOf.ts'

/**
 * Headers that prove who sends a request, for 60 seconds and once: a repeated try signs again.
 *
 * @param parts the request, exactly as it will be sent
 * @param credential checked at start by whoever holds it
 * @throws TypeError when the URL is not absolute
 * @example
 * const body = JSON.stringify({ token })
 * const signed = signRequest({ method: 'POST', url, body }, credential)
 * await fetch(url, { method: 'POST', body, headers: { ...signed, 'content-type': 'application/json' } })
 */
export function signRequest(
  parts: RequestParts,
  credential: ServiceCredential,
  { clock = systemClock, nonce = randomNonce }: SignOptions = {},
): Record<string, string> {
  const signed = {
    keyId: credential.keyId,
    timestamp: `${clock.now()}`,
    nonce: nonce(),
    method: parts.method,
    url: parts.url,
    digest: sha256Hex(parts.body ?? ''),
    decision: parts.decision ?? '',
  }
  return {
    [signatureHeaders.key]: signed.keyId,
    [signatureHeaders.timestamp]: signed.timestamp,
    [signatureHeaders.nonce]: signed.nonce,
    [signatureHeaders.digest]: signed.digest,
    ...(parts.decision !== undefined && { [signatureHeaders.decision]: parts.decision }),
    [signatureHeaders.signature]: signatureOf(signed, credential.secret),
  }
}

function randomNonce(): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(16)))
}
