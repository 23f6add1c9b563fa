import type { Fetch } from '../net/Fetch.ts'
import type { Channel } from '../protocol/Channel.ts'
import type { Store } from '../store/Store.ts'
import type { FileSource } from './FileSource.ts'

/** What carries files where no loader does. */
export interface SpareEngine {
  /** The build it is of: it shares channel and store with the others of its realm. */
  readonly build: string
  /** For people. */
  readonly version: string
  /**
   * @param fetch for the engine's own requests
   * @throws FerryError `unsupported` or `storage`, where files cannot be kept
   */
  open(channel: Channel, fetch: Fetch): Promise<{ source: FileSource; store: Store }>
}
