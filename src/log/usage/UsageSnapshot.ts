import type { Tally } from './Tally.ts'

/** What was used on one day so far. The tallies add up to everything that was counted. */
export interface UsageSnapshot {
  /** UTC, as `2026-11-22`. */
  readonly day: string
  /** By user id or key id; whoever was heard of last stands last. */
  readonly subjects: readonly (Tally & { readonly subject: string })[]
  /** By site and the salted hash of the network. */
  readonly frontends: readonly (Tally & { readonly site: string; readonly netHash: string })[]
  /** Of those who brought neither token nor known site, and of those for whom there was no more room. */
  readonly others: Tally
}
