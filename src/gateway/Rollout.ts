import type { Auth } from '../auth/Auth.ts'

/** How far the rules of a gateway count yet, so that new ones can be tried, and taken back without a restart. */
export interface Rollout {
  /**
   * `enforce`: the rules count. `shadow`: the previous ones count, and a second `auth.decision` line, its `kind` with
   * `shadow:` before it, says what these would have decided. `off`: these are not asked at all.
   */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Of the queue keys, how many hundredths the mode is for; the others have the previous rules. Default: 100. */
  readonly percent?: number
  /** Default: everybody is let through as anonymous, without a queue. */
  readonly previous?: Auth
}
