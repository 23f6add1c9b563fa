import type { ShardFile } from './ShardFile.ts'
import type { ShardXorb } from './ShardXorb.ts'

/** What a shard says. */
export interface Shard {
  readonly files: readonly ShardFile[]
  readonly xorbs: readonly ShardXorb[]
}
