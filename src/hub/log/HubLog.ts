import type { LogEntry } from './LogEntry.ts'

/** What the hub answered. Entries of answers still on their way keep growing. */
export interface HubLog {
  /** Oldest first; the newest 10,000. */
  readonly entries: readonly LogEntry[]
  /**
   * Calls `listener` for every answer that is over.
   *
   * @returns ends the calls
   */
  listen(listener: (entry: LogEntry) => void): () => void
  clear(): void
}
