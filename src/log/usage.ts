import { createDailySalt, type DailySalt } from './log.ts'

/** Use by one subject, site or network. */
export interface Tally {
  readonly requests: number
  /** Milliseconds that their work ran. */
  readonly runMs: number
  /** Requests that were refused, by the queue or before it. */
  readonly rejected: number
}

/** Usage of the current day: token holders by subject, front ends by site and hashed network. */
export interface Usage {
  /**
   * Counts one finished request.
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

/** Usage of one day so far. The tallies add up to all counted requests. */
export interface UsageSnapshot {
  /** UTC, as `2026-11-22`. */
  readonly day: string
  /** By user id or key id; the most recent is last. */
  readonly subjects: readonly (Tally & { readonly subject: string })[]
  /** By site and the salted hash of the network. */
  readonly frontends: readonly (Tally & { readonly site: string; readonly netHash: string })[]
  /** Requests with neither a token nor a known site, and requests of evicted entries. */
  readonly others: Tally
}

/** Adds two tallies. */
function addTallies(one: Tally, other: Tally): Tally {
  return {
    requests: one.requests + other.requests,
    runMs: one.runMs + other.runMs,
    rejected: one.rejected + other.rejected,
  }
}

const none: Tally = { requests: 0, runMs: 0, rejected: 0 }
const longestName = 128

/**
 * Counts the usage of one day. It is cleared when the daily salt changes, because the old hashes lose their meaning.
 *
 * @param options `maxEntries`: most subjects, and most front ends, that are counted separately (default 10,000 each,
 * so that front ends never evict subjects); the least recently used ones are added to `others`; `salt`: share it with
 * the log, so that both show the same hash (default: a new one)
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
    // A map keeps the order of insertion, so the first entry is the least recently used.
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
