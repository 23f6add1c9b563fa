import type { CredentialSource } from './CredentialSource.ts'
import type { DecisionReason } from './DecisionReason.ts'
import type { Tier } from './Tier.ts'

/**
 * Who is asking, and how they wait. Made once for a request; travels with it. Holds no token text.
 *
 * Always true: `bypass` implies `tokenAuth`; `authenticated` equals `tokenAuth`; `rejected` has a status and no
 * queue key.
 */
export interface Decision {
  readonly kind: 'token' | 'legacy' | 'recognised' | 'anonymous' | 'rejected'
  readonly reason: DecisionReason
  readonly authenticated: boolean
  /** Whether a token was proven: kinds `token` and `legacy`. */
  readonly tokenAuth: boolean
  /** Whether a front end was recognised: kind `recognised`. It identifies, it never authenticates. */
  readonly referrerAuth: boolean
  /** Whether interval and fair queue are skipped; the subject's concurrency and the global limit never are. */
  readonly bypass: boolean
  /** Null when rejected. */
  readonly tier: Tier | null
  /** User id that the validator gave; only for kind `token`. */
  readonly subject: string | null
  /** `subject:u1`, `legacy:` and 16 hex digits, or {@link network}; null when rejected. */
  readonly queueKey: string | null
  readonly tokenSource: CredentialSource | null
  /** What the token may be used for, as the validator said; empty without one. Nothing here is decided by it. */
  readonly scope: readonly string[]
  /** Host of the page when it is allowed or registered, also beside a token. */
  readonly site: string | null
  /** HTTP status of a rejection. */
  readonly status: 400 | 401 | 503 | null
  /** `ip:203.0.113.7`, `ip:2001:db8:1:2::/64` or `ip:unknown`: the client's network, whatever was decided. */
  readonly network: string
  /** Names the credential in logs: the validator's key id, else the first 8 hex digits of its SHA-256. */
  readonly keyId: string | null
  /** What the caller calls itself (`x-app-id`, `referrer`), at most 100 characters. Nothing is decided by it. */
  readonly label: string | null
  /** Whether the verdict was stale when it was used (the validator could not be asked). */
  readonly stale: boolean
  /** For status 503: when to come back, milliseconds. */
  readonly retryAfterMs: number | null
}
