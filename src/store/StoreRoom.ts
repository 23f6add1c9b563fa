import type { Hasher } from '../codec/Hasher.ts'
import type { Clock } from '../core/Clock.ts'
import type { Branches } from './Branches.ts'
import type { Catalog } from './Catalog.ts'
import type { ChunkIndex } from './ChunkIndex.ts'
import type { JournalReader } from './JournalReader.ts'

/** What a store hands to the work it gives away. */
export interface StoreRoom {
  readonly driver: 'sync' | 'pieces'
  /** OPFS folder with one folder for each model file. */
  readonly root: FileSystemDirectoryHandle
  readonly catalog: Catalog
  readonly branches: Branches
  readonly chunks: ChunkIndex
  readonly journals: JournalReader
  readonly hasher: Hasher
  readonly clock: Clock
  readonly estimate: () => Promise<StorageEstimate>
  /** Name of the Web Lock for writing a file. */
  readonly lockName: (content: string) => string
  /** BroadcastChannel on which holders of locks say that they are alive. */
  readonly channelName: string
}
