/**
 * Who sent a request. Refusals have no reason: a wrong key, an old timestamp and a bad digest look the same.
 * `too-large` is told by the size alone, before anything else is looked at.
 */
export type Verification =
  | { readonly state: 'verified'; readonly keyId: string; readonly body: Uint8Array }
  | { readonly state: 'refused' }
  | { readonly state: 'too-large' }

/** For one request. */
export interface VerifyLimits {
  /** Bytes of body; default: the verifier's. */
  readonly maxBytes?: number
  /** Ends the reading of the body. */
  readonly signal?: AbortSignal
}

/**
 * Checks a request's signature. Its body is consumed, and given back with the answer.
 *
 * @returns rejects only with the reason of an aborted signal
 */
export type RequestVerifier = (request: Request, limits?: VerifyLimits) => Promise<Verification>
