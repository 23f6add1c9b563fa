// Checks the signature, age and body of a request from another service, and accepts each signature once.
import { type Clock, readBounded, systemClock, tell } from '../../core/index.ts'
import { equalTexts, sha256Hex } from '../digests.ts'
import {
  checkCredentials,
  readSignature,
  signatureOf,
  type ServiceCredential,
} from './signatures.ts'

/**
 * Result of a verification. Refusals have no reason: a wrong key, an old timestamp and a bad digest look the same.
 * `too-large` depends on the size alone, which is checked first.
 */
export type Verification =
  | { readonly state: 'verified'; readonly keyId: string; readonly body: Uint8Array }
  | { readonly state: 'refused' }
  | { readonly state: 'too-large' }

/** Limits of one verification. */
export interface VerifyLimits {
  /** Bytes of body; default: the verifier's. */
  readonly maxBytes?: number
  /** Ends the reading of the body. */
  readonly signal?: AbortSignal
}

/**
 * Verifies the signature of a request. It consumes the body and returns it with the result.
 *
 * @returns rejects only with the reason of an aborted signal
 */
export type RequestVerifier = (request: Request, limits?: VerifyLimits) => Promise<Verification>

/** Why a request was refused: for the operator's log, never for the answer. */
export type VerifyFault =
  | 'unsigned'
  | 'unknown-key'
  | 'timestamp'
  | 'body'
  | 'digest'
  | 'signature'
  | 'replayed'
  | 'full'

/** How signatures are checked. */
export interface RequestVerifierOptions {
  readonly clock?: Pick<Clock, 'now'>
  /** How far a timestamp may be off, either way, milliseconds. Default: 60000. */
  readonly skewMs?: number
  /** Largest body in bytes. Default: 1048576. */
  readonly maxBytes?: number
  /** Nonces remembered per key; beyond, requests are refused until the oldest have ended. Default: 50000. */
  readonly maxNonces?: number
  /** Called for every refusal; the fault holds nothing of the request. */
  readonly onRefusal?: (fault: VerifyFault) => void
}

/** Secret for unknown keys, so that their verification takes as long. */
const placeholderSecret = '0'.repeat(64)

/**
 * Makes a verifier of requests that are signed by a known service: HMAC-SHA-256 over method, path with query, body
 * digest, timestamp and nonce.
 *
 * @param credentials of all services that may call; two key ids each, for rotation
 * @param options every field has a default
 * @throws FerryError `configuration` when there are none, or a secret is too short
 * @example
 * const verify = createRequestVerifier([{ keyId: 'edge-2026-11', secret }])
 * const caller = await verify(request)
 * if (caller.state !== 'verified') return new Response(null, { status: 401 })
 */
export function createRequestVerifier(
  credentials: readonly ServiceCredential[],
  options: RequestVerifierOptions = {},
): RequestVerifier {
  checkCredentials(credentials)
  const { clock = systemClock, skewMs = 60_000, maxBytes = 1_048_576, maxNonces = 50_000 } = options
  const now = (): number => clock.now()
  const keys = new Map<string, { readonly secret: string; readonly nonces: NonceWindow }>()
  for (const { keyId, secret } of credentials) {
    keys.set(keyId, { secret, nonces: createNonceWindow(now, maxNonces) })
  }
  const refuse = (fault: VerifyFault): Verification => {
    tell(options.onRefusal, fault)
    return { state: 'refused' }
  }

  return async (request, limits = {}) => {
    const limit = limits.maxBytes ?? maxBytes
    if (Number(request.headers.get('content-length') ?? 0) > limit) return { state: 'too-large' }
    let body: Uint8Array | null
    try {
      body = await readBounded(request.body, limit, limits.signal)
    } catch {
      limits.signal?.throwIfAborted()
      return refuse('body')
    }
    if (body === null) return { state: 'too-large' }
    const claim = readSignature(request.headers)
    if (claim === null) return refuse('unsigned')
    const key = keys.get(claim.keyId)
    const { method, url } = request
    const wanted = signatureOf({ ...claim, method, url }, key?.secret ?? placeholderSecret)
    const signed = equalTexts(wanted, claim.signature)
    const whole = equalTexts(sha256Hex(body), claim.digest)
    if (key === undefined) return refuse('unknown-key')
    if (!signed) return refuse('signature')
    if (!whole) return refuse('digest')
    const sentAt = Number(claim.timestamp)
    if (Math.abs(now() - sentAt) > skewMs) return refuse('timestamp')
    // Last, so that a caller without a key cannot fill the window.
    const nonce = key.nonces.take(claim.nonce, sentAt + skewMs)
    if (nonce !== 'fresh') return refuse(nonce)
    return { state: 'verified', keyId: claim.keyId, body }
  }
}

/** Remembers nonces for as long as they could be replayed. */
export interface NonceWindow {
  /**
   * @param nonce with its key id
   * @param until epoch milliseconds from which its timestamp is too old
   * @returns `replayed`: it was used before; `full`: it cannot be remembered
   */
  take(nonce: string, until: number): 'fresh' | 'replayed' | 'full'
}

/**
 * A bounded window of nonces. When it is full it refuses: a nonce that is dropped early could be replayed.
 *
 * @param now gives epoch milliseconds
 * @param most nonces kept at once
 */
function createNonceWindow(now: () => number, most: number): NonceWindow {
  const kept = new Map<string, number>()
  return {
    take: (nonce, until) => {
      // In order of arrival. No nonce outlives its arrival by more than twice the skew, so the oldest soon expires.
      for (const [old, end] of kept) {
        if (end >= now()) break
        kept.delete(old)
      }
      if (kept.has(nonce)) return 'replayed'
      if (kept.size >= most) return 'full'
      kept.set(nonce, until)
      return 'fresh'
    },
  }
}
