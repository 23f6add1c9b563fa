// Values and small helpers without I/O: byte ranges, typed errors, time limits, hub URLs, feature detection.
// Imports no other module folder and nothing that exists in one realm only.
// Start with errors.ts (FerryError), then hub-url.ts (which URLs are model files).

export {
  alarm,
  inTime,
  lazily,
  orAborted,
  parseRetryAfter,
  readBounded,
  sleep,
  streamParts,
  systemClock,
  tell,
  withTimeout,
  within,
  type Clock,
} from './async.ts'
export { parseBounded } from './bounded-json.ts'
export { ByteSet, overlaps, requestedRange, type ByteRange } from './byte-range.ts'
export {
  openDatabase,
  answerCache,
  answeredAddress,
  answerKey,
  capabilities,
  transfersStreams,
  trustedScript,
  writesInPlace,
  writesPieces,
  type AnswerKind,
} from './platform.ts'
export { contentId, hashesIn, hexOf } from './content-id.ts'
export {
  addressOf,
  joinCredential,
  keyOf,
  likeness,
  namesFile,
  requestAddress,
  secretOf,
  selectorOf,
  splitCredential,
} from './file-address.ts'
export {
  FerryError,
  redactSecrets,
  redactUrl,
  type FerryErrorCode,
  type FerryErrorOptions,
} from './errors.ts'
export {
  branchOf,
  fileMatcher,
  isExternalData,
  isFileRequest,
  isPinnedRevision,
  isResolveUrl,
  isRuntime,
  isWeights,
  noteMatcher,
  sendsCookies,
  weightEndings,
  wildcard,
  type BranchFile,
  type FilePattern,
  type FilePatterns,
} from './hub-url.ts'
export {
  decodeSwParameters,
  encodeSwParameters,
  versionOrder,
  type SwParameters,
} from './worker-params.ts'
