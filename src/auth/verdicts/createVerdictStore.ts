import type { VerdictEntry } from './VerdictEntry.ts'

/** Verdicts by key, no more than a number of them. */
export interface VerdictStore {
  /** Counts as a use. */
  get(key: string): VerdictEntry | undefined
  set(key: string, entry: VerdictEntry): void
  delete(key: string): void
  readonly size: number
}

/**
 * Keeps the most recently used verdicts. Negative ones go first: made-up tokens cost nothing, and a flood of
 * them must not push out those of real users.
 *
 * @param most entries in all
 */
export function createVerdictStore(most: number): VerdictStore {
  // Maps keep the order of insertion: the first is the least recently used.
  const valid = new Map<string, VerdictEntry>()
  const invalid = new Map<string, VerdictEntry>()
  const remove = (key: string): void => {
    valid.delete(key)
    invalid.delete(key)
  }
  const put = (key: string, entry: VerdictEntry): void => {
    remove(key)
    const kept = entry.verdict.state === 'valid' ? valid : invalid
    kept.set(key, entry)
  }
  return {
    get: (key) => {
      const entry = valid.get(key) ?? invalid.get(key)
      if (entry !== undefined) put(key, entry)
      return entry
    },
    set: (key, entry) => {
      put(key, entry)
      if (valid.size + invalid.size <= most) return
      const [oldest] = (invalid.size > 0 ? invalid : valid).keys()
      if (oldest !== undefined) remove(oldest)
    },
    delete: remove,
    get size() {
      return valid.size + invalid.size
    },
  }
}
