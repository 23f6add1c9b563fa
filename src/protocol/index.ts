// The messages that cross a realm boundary, their version, and the channel that carries them.
// Pages, loader workers and service workers meet here only; what they say about files has its types in data.
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
