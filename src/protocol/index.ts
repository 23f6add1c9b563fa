// The messages that cross a realm boundary, their version, and the channel that carries them.
// The only module that page, loader worker and service worker share.
// It exports more than other folders, because each message comes with its types.
// Start with messages.ts, then channel.ts (timeouts and cancellation).

export {
  AnsweringChannel,
  Channel,
  type Answered,
  type AskOptions,
  decodeError,
  encodeError,
  plainError,
  registerErrorTransfer,
} from './channel.ts'
export {
  CredentialReferences,
  lentResponse,
  type OwnResponse,
  resolveCredential,
} from './credentials.ts'
export type {
  DeviceUsage,
  ErrorData,
  Explanation,
  FerryEvent,
  FerryEventMap,
  FileChange,
  FileInfo,
  HeldFile,
  VerifyReport,
  KeptCopy,
  LoadState,
  LoadedFile,
  Refusal,
  RevisionChange,
} from './files.ts'
export {
  claimMessage,
  clientHeader,
  engineKey,
  optionsPingPath,
  pingPath,
  protocolNumber,
  type CarriedRequest,
  type CarriedResponse,
  type LoaderApi,
  type LoaderConfig,
  type LoaderOptions,
  type Questions,
  type RealmVersion,
} from './messages.ts'
