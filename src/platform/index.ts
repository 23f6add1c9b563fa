// The browser that modelferry runs in: its differences, worker scripts and their parameters, caches, databases, policies.
// Runs in every realm of a browser; a missing feature is detected, never assumed.
// Start with platform.ts (capabilities).

export { PolicyWatch, trustedSink, withCspErrors } from './csp.ts'
export {
  answerCache,
  answeredAddress,
  answerKey,
  capabilities,
  type Database,
  openDatabase,
  transfersStreams,
  whenOnline,
  trustedScript,
  writesInPlace,
  writesPieces,
  type AnswerKind,
} from './platform.ts'
export {
  decodeSwParameters,
  encodeSwParameters,
  versionOrder,
  type SwParameters,
} from './worker-params.ts'
