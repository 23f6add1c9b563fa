import { checkBadChunkRecord } from './checkBadChunkRecord.ts'
import { checkChunkHash } from './checkChunkHash.ts'
import { checkChunkRecord } from './checkChunkRecord.ts'
import { checkExpiry } from './checkExpiry.ts'
import { checkFile } from './checkFile.ts'
import { checkHex } from './checkHex.ts'
import type { EntryCheck } from './EntryCheck.ts'

/** The check of each top-level group of a vector file; each group is a list of entries. */
export const vectorGroups: ReadonlyMap<string, EntryCheck> = new Map<string, EntryCheck>([
  ['hex', checkHex],
  ['chunkHashes', checkChunkHash],
  ['files', checkFile],
  ['chunkRecords', checkChunkRecord],
  ['badChunkRecords', checkBadChunkRecord],
  ['expiry', checkExpiry],
])
