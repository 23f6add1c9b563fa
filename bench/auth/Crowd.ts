import type { Auth } from '../../src/auth/auth.ts'
import type { Tier } from '../../src/auth/token-validation.ts'
import type { KeyLimits } from '../../src/queue/index.ts'

/** Many callers of the four kinds that a decision can admit. */
export interface Crowd {
  readonly auth: Auth
  /** Limits of each tier, as they are by default. */
  readonly limits: Readonly<Record<Tier, KeyLimits>>
  readonly tokens: readonly string[]
  readonly kinds: readonly Visitors[]
}

/** The callers of one kind, used in turn. */
export interface Visitors {
  readonly kind: 'anonymous' | 'recognised' | 'token' | 'legacy'
  readonly requests: readonly Request[]
  readonly peers: readonly string[]
}
