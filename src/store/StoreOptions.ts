import type { Clock } from '../core/Clock.ts'
import type { Hasher } from '../codec/Hasher.ts'

/** What a store needs. */
export interface StoreOptions {
  readonly hasher: Hasher
  /** Default: the device's own. */
  readonly clock?: Clock
  /**
   * `sync` writes in place through sync access handles (dedicated workers only), `pieces` writes small files
   * through writable streams (everywhere, slower). Default: `sync` where it works.
   */
  readonly driver?: 'sync' | 'pieces'
  /** Folder in OPFS, also part of the names of databases, locks and channels. Default: 'modelferry'. */
  readonly root?: string
  /** Asks how much room there is. Default: `navigator.storage.estimate`. */
  readonly estimate?: () => Promise<StorageEstimate>
}
