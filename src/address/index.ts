// What a URL names: a model file, its branch or commit, the key it is stored under, and the credential to ask with.
// Pure functions over texts; nothing is requested and nothing is stored.
// Start with hub-url.ts (which URLs are model files), then file-address.ts (keys and credentials).

export {
  contentId,
  hashesIn,
  addressOf,
  grantOf,
  hasSecret,
  isSimilarUrl,
  joinCredential,
  keyOf,
  publicGrant,
  selectorOf,
  splitCredential,
  withCredential,
} from './file-address.ts'
export {
  branchOf,
  fileMatcher,
  isExternalData,
  isOfHub,
  isPinnedRevision,
  isResolveUrl,
  isRuntime,
  isWeights,
  metadataMatcher,
  weightEndings,
  wildcard,
  type BranchFile,
  type FilePattern,
  type FilePatterns,
} from './hub-url.ts'
