import { signatureHeaders } from './signatureHeaders.ts'

/** What a request claims about itself. */
export interface SignatureClaim {
  readonly keyId: string
  readonly timestamp: string
  readonly nonce: string
  readonly digest: string
  readonly decision: string
  readonly signature: string
}

/**
 * Reads the headers of a signature. Repeated headers arrive joined by commas and fit no form.
 *
 * @returns null when one is missing or has not its form
 */
export function readSignature(headers: Pick<Headers, 'get'>): SignatureClaim | null {
  const read = (name: string, form: RegExp): string | null => {
    const value = headers.get(name)
    return value !== null && form.test(value) ? value : null
  }
  const keyId = read(signatureHeaders.key, /^[\w.-]{1,64}$/)
  const timestamp = read(signatureHeaders.timestamp, /^\d{1,15}$/)
  const nonce = read(signatureHeaders.nonce, /^[\w-]{16,64}$/)
  const digest = read(signatureHeaders.digest, /^[0-9a-f]{64}$/)
  const signature = read(signatureHeaders.signature, /^[0-9a-f]{64}$/)
  const decision = headers.get(signatureHeaders.decision) ?? ''
  if (keyId === null || timestamp === null || nonce === null) return null
  if (digest === null || signature === null) return null
  return { keyId, timestamp, nonce, digest, decision, signature }
}
