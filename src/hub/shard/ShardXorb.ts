/** A xorb as a shard states it. */
export interface ShardXorb {
  readonly hash: string
  readonly chunks: readonly { readonly hash: string; readonly length: number }[]
}
