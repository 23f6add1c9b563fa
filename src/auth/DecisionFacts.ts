import type { FoundCredential } from './FoundCredential.ts'
import type { JudgedCredential } from './JudgedCredential.ts'

/** All that a decision is made from. */
export interface DecisionFacts {
  readonly credential: Exclude<FoundCredential, { readonly state: 'one' }> | JudgedCredential
  /** The front end, when it is a known one: its host, and how it is known. */
  readonly frontend: { readonly host: string; readonly reason: 'ALLOWLIST' | 'DB_REFERRER' } | null
  /** Key of the client's network. */
  readonly network: string
  readonly label: string | null
  /** Tiers that skip interval and fair queue. */
  readonly passTiers: ReadonlySet<string>
}
