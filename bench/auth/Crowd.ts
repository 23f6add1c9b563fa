import type { Auth } from '../../src/auth/auth.ts'
import type { Tier } from '../../src/auth/token-validation.ts'
import type { KeyLimits } from '../../src/queue/index.ts'

/** Many who ask, in the four ways in which somebody can be let in. */
export interface Crowd {
  readonly auth: Auth
  /** Limits of each tier, as they are by default. */
  readonly limits: Readonly<Record<Tier, KeyLimits>>
  readonly tokens: readonly string[]
  readonly kinds: readonly Visitors[]
}

/** Those of one kind, who take turns. */
export interface Visitors {
  readonly kind: 'anonymous' | 'recognised' | 'token' | 'legacy'
  readonly requests: readonly Request[]
  readonly peers: readonly string[]
}
