// Stores files on the device: OPFS data files, the journal of unfinished ones, the catalog, quota and eviction.
// Knows bytes and hashes, never the network.
// Start with store.ts (the interface), then opfs-store.ts; begin-partial.ts opens a file for writing, also after a
// crash, and quota.ts evicts.

export type { CatalogBranch } from './branches.ts'
export { openStore } from './opfs-store.ts'
export { openStoreReader, type StoreReader } from './reader.ts'
export {
  chunksOfRun,
  rangeOf,
  rowsMatch,
  rowsByIndex,
  rowsOfFile,
  sameRow,
  type HeldChunk,
  type JournalRun,
} from './runs.ts'
export type {
  CatalogFile,
  KnownPath,
  PartialFile,
  Proof,
  Store,
  StoredFile,
  Verification,
} from './store.ts'
