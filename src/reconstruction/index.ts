// Finds out what a file consists of, where its bytes are and until when: file info, CAS tokens, reconstructions,
// renewal.
// Talks to the hub and the CAS server; never fetches file content.
// Start with file-info.ts, then reconstructions.ts (records and their renewal); http-answer.ts says which responses of
// plain servers may be kept.

export { isSizeCertain, lasting, notKept } from './file-info-headers.ts'
export {
  askFileInfo,
  isSmall,
  pageInsteadOfModel,
  smallFileLimit,
  type FileAnswer,
} from './file-info.ts'
export { isPage } from './http-answer.ts'
export { Reconstructions, isUsable } from './reconstructions.ts'
export {
  idbRecordStore,
  type AskOptions,
  type Block,
  type Descriptor,
  type RecordStore,
  type Run,
} from './record-store.ts'
