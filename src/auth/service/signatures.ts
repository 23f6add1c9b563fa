// Signs requests between services with a shared secret. verifier.ts checks them.
import { type Clock, FerryError, hexOf, systemClock } from '../../core/index.ts'
import { sha256Hex } from '../digests.ts'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** The parts of a request that its signature covers. */
export interface RequestParts {
  readonly method: string
  /** Absolute. Path and query are covered; scheme and host are not, so that a proxy may change them. */
  readonly url: string
  /** Whole; a text is taken as UTF-8. Default: empty. */
  readonly body?: Uint8Array | string
  /** Value of the decision header. Default: none. */
  readonly decision?: string
}

/** A key with which a service authenticates to another one. Each service has its own; there is no default. */
export interface ServiceCredential {
  /** Public name of the key: 1 to 64 letters, digits, `.`, `_` and `-`. */
  readonly keyId: string
  /** At least 32 bytes as UTF-8; made by a random generator. */
  readonly secret: string
  /** Service that owns the key. Two of its key ids may be active, for rotation. Default: one service. */
  readonly service?: string
}

/** Clock and nonces of a signature; tests replace them. */
export interface SignOptions {
  readonly clock?: Pick<Clock, 'now'>
  /** 16 to 64 characters `A-Z a-z 0-9 _ -`, never the same twice. Default: 128 random bits. */
  readonly nonce?: () => string
}

/** Names of the headers that sign a request between services. */
export const signatureHeaders: {
  readonly key: string
  readonly timestamp: string
  readonly nonce: string
  readonly digest: string
  readonly decision: string
  readonly signature: string
} = {
  key: 'x-modelferry-key',
  timestamp: 'x-modelferry-timestamp',
  nonce: 'x-modelferry-nonce',
  digest: 'x-modelferry-content-sha256',
  decision: 'x-modelferry-decision',
  signature: 'x-modelferry-signature',
}

/**
 * Headers that authenticate the sender of a request. They are valid once and for 60 seconds: a retry signs again.
 *
 * @param parts the request, exactly as it will be sent
 * @param credential a valid one: see {@link checkCredentials}
 * @param options clock and nonce; tests replace them
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
  return hexOf(crypto.getRandomValues(new Uint8Array(16)))
}

/** The signed values, in the form in which they are sent. */
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
 * @throws TypeError when `url` is not an absolute URL
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
  return hexOf(hmac(sha256, bytes.encode(secret), bytes.encode(lines.join('\n'))))
}

/** The signature headers of a request, not verified yet. */
export interface SignatureClaim {
  readonly keyId: string
  readonly timestamp: string
  readonly nonce: string
  readonly digest: string
  readonly decision: string
  readonly signature: string
}

/**
 * Reads the headers of a signature. Repeated headers arrive joined by commas and match no form.
 *
 * @returns null when one is missing or malformed
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

const leastSecretBytes = 32

const mostKeys = 2

/**
 * Checks service credentials at start: a missing or short secret is an error and never means "allow".
 *
 * @param credentials as configured; their types are checked too
 * @throws FerryError `configuration`, naming the entry and never its secret
 */
export function checkCredentials(credentials: readonly ServiceCredential[]): void {
  if (!Array.isArray(credentials) || credentials.length === 0) {
    throw credentialError(
      'There are no service credentials',
      'Configure at least one key id and secret.',
    )
  }
  const seen = new Set<string>()
  const keysOf = new Map<string, number>()
  for (const [index, entry] of (credentials as readonly Partial<ServiceCredential>[]).entries()) {
    const { keyId, secret, service = '' } = entry ?? {}
    if (typeof keyId !== 'string' || !/^[\w.-]{1,64}$/.test(keyId)) {
      const wanted = 'Use 1 to 64 letters, digits, ".", "_" and "-".'
      throw credentialError(`Service credential ${index} has no usable key id`, wanted)
    }
    const name = `Service credential ${index} (${keyId})`
    const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret).length : 0
    if (bytes < leastSecretBytes) {
      const fault = bytes === 0 ? 'has no secret' : `has a secret of ${bytes} bytes`
      throw credentialError(
        `${name} ${fault}`,
        `Give it at least ${leastSecretBytes} random bytes.`,
      )
    }
    if (seen.has(keyId))
      throw credentialError(`${name} is listed twice`, 'Give every key its own id.')
    seen.add(keyId)
    const count = (keysOf.get(service) ?? 0) + 1
    keysOf.set(service, count)
    if (count > mostKeys) {
      const whose = service === '' ? 'one service' : `service "${service}"`
      throw credentialError(
        `${name} is key ${count} of ${whose}`,
        'Remove the oldest: two may be active.',
      )
    }
  }
}

function credentialError(fault: string, advice: string): FerryError {
  return new FerryError('configuration', `${fault}. ${advice}`)
}
