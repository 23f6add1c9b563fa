import { createDailySalt, type DailySalt } from './log.ts'

/** Use by one subject, site or network. */
export interface Tally {
  readonly requests: number
  /** Milliseconds that their work ran. */
  readonly runMs: number
  /** Requests that were refused, by the queue or before it. */
  readonly rejected: number
}

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

/** What was used on one day so far. The tallies add up to everything that was counted. */
export interface UsageSnapshot {
  /** UTC, as `2026-11-22`. */
  readonly day: string
  /** By user id or key id; the most recent is last. */
  readonly subjects: readonly (Tally & { readonly subject: string })[]
  /** By site and the salted hash of the network. */
  readonly frontends: readonly (Tally & { readonly site: string; readonly netHash: string })[]
  /** Of those who brought neither token nor known site, and of those for whom there was no more room. */
  readonly others: Tally
}

/** Both together. */
export function addTallies(one: Tally, other: Tally): Tally {
  return {
    requests: one.requests + other.requests,
    runMs: one.runMs + other.runMs,
    rejected: one.rejected + other.rejected,
  }
}

const none: Tally = { requests: 0, runMs: 0, rejected: 0 }
const longestName = 128

/**
 * Makes a count of one day's use. With the day's salt all of it is forgotten: the hashes would mean nothing any
 * more.
 *
 * @param options `maxEntries`: most subjects, and most front ends, that are told apart (default 10,000 of each, so
 *   that front ends never push out subjects); who was not heard of for longest joins `others`; `salt`: share it
 *   with the log, so that both show the same hash (default: one of its own)
 * @example
 * const usage = createUsage({ salt })
 * usage.count(decision, { runMs: 12, rejected: false })
 */
export function createUsage({
  maxEntries = 10_000,
  salt = createDailySalt(),
}: { maxEntries?: number; salt?: DailySalt } = {}): Usage {
  let day = salt.day
  let others = none
  const subjects = new Map<string, Tally>()
  const frontends = new Map<string, Tally>()

  const add = (tallies: Map<string, Tally>, key: string, more: Tally): void => {
    const sum = addTallies(tallies.get(key) ?? none, more)
    // A map keeps the order of insertion, so the first is the one not heard of for longest.
    tallies.delete(key)
    tallies.set(key, sum)
    for (const [oldest, tally] of tallies) {
      if (tallies.size <= maxEntries) break
      tallies.delete(oldest)
      others = addTallies(others, tally)
    }
  }
  const turn = (): void => {
    if (salt.day === day) return
    day = salt.day
    others = none
    subjects.clear()
    frontends.clear()
  }

  return {
    count({ subject, site, network }, { runMs, rejected }) {
      turn()
      const more = {
        requests: 1,
        runMs: runMs > 0 && runMs < Infinity ? runMs : 0,
        rejected: rejected ? 1 : 0,
      }
      if (subject !== null) add(subjects, subject.slice(0, longestName), more)
      else if (site !== null) add(frontends, `${salt.hash(network)}${site}`, more)
      else others = addTallies(others, more)
    },
    snapshot() {
      turn()
      return {
        day,
        subjects: [...subjects].map(([subject, tally]) => ({ subject, ...tally })),
        frontends: [...frontends].map(([key, tally]) => ({
          site: key.slice(16),
          netHash: key.slice(0, 16),
          ...tally,
        })),
        others,
      }
    },
  }
}
