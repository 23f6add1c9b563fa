import type { Clock } from '../../core/Clock.ts'
import type { FerryError } from '../../core/FerryError.ts'
import type { Fetch } from '../../net/Fetch.ts'
import type { ServiceCredential } from '../service/ServiceCredential.ts'

/** What every feed has. */
interface FeedRules {
  readonly clock?: Clock
  /** From the beginning of one poll to that of the next, milliseconds. Default: 30000. */
  readonly everyMs?: number
  /** For one poll, milliseconds. Default: 5000. */
  readonly timeoutMs?: number
  /**
   * How long a revocation is remembered, milliseconds; must be more than any verdict is kept. Default: 600000.
   */
  readonly keepMs?: number
  /** Revocations remembered at once. Default: 10000. */
  readonly maxEntries?: number
  /** Told of every poll that failed, or of which a part could not be read. */
  readonly onFailure?: (error: FerryError) => void
}

/** Where revocations come from: an address, or a function. Both give the same JSON. */
export type RevocationFeedOptions = FeedRules &
  (
    | {
        /** Answers a signed GET with `{"revokedSince": {"<key id>": <epoch milliseconds>}}`. */
        readonly url: string
        readonly credential: ServiceCredential
        readonly fetch?: Fetch
      }
    | {
        /** Gives what the address would answer. */
        readonly poll: (signal: AbortSignal) => Promise<unknown>
      }
  )
