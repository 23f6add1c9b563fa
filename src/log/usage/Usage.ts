import type { UsageSnapshot } from './UsageSnapshot.ts'

/** Who used how much today: token holders by subject, front ends by site and hashed network. */
export interface Usage {
  /**
   * Counts one request that is over.
   *
   * @param who `subject`: user id or key id of a proven token, else null; `site`: of the decision; `network`: of
   *   the decision, kept as a hash only
   * @param what `runMs`: milliseconds of work; `rejected`: whether it was refused
   */
  count(
    who: {
      readonly subject: string | null
      readonly site: string | null
      readonly network: string
    },
    what: { readonly runMs: number; readonly rejected: boolean },
  ): void
  snapshot(): UsageSnapshot
}
