import type { Hasher } from '../codec/index.ts'
import type { Clock } from '../core/index.ts'
import type { Branches } from './branches.ts'
import type { Catalog } from './catalog.ts'
import type { ChunkIndex } from './chunk-index.ts'
import type { Root } from './folder.ts'
import type { JournalReader } from './journal.ts'

/** The dependencies that a store passes to its parts. */
export interface StoreParts {
  readonly driver: 'sync' | 'pieces'
  /** OPFS folder with one folder for each model file. */
  readonly root: Root
  readonly catalog: Catalog
  readonly branches: Branches
  readonly chunks: ChunkIndex
  readonly journals: JournalReader
  readonly hasher: Hasher
  readonly clock: Clock
  readonly estimate: () => Promise<StorageEstimate>
  /** Name of the Web Lock for writing a file. */
  readonly lockName: (content: string) => string
  /** Name of the Web Lock that realms share while they read a file piece by piece. */
  readonly holdName: (content: string) => string
  /** BroadcastChannel on which holders of locks say that they are alive. */
  readonly channelName: string
}
