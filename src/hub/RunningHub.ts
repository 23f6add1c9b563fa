import type { Hub } from './Hub.ts'

/** A hub that listens. */
export interface RunningHub {
  /** Origin of hub and CAS. */
  readonly url: string
  /** Origin of presigned storage. */
  readonly storageUrl: string
  readonly hub: Hub
  /** Ends all connections, the busy ones too. Then the same ports and folder may be used again. */
  close(): Promise<void>
}
