// What a URL names: a model file, its branch or commit, the key it is stored under, and the credential to ask with.
// Pure functions over texts; nothing is requested and nothing is stored.
// Most functions are one line over one address, so there are more of them than in other folders.
// Start with hub-url.ts (which URLs are model files), then file-address.ts (keys and credentials).

export {
  contentId,
  hashesIn,
  addressOf,
  grantOf,
  joinCredential,
  keyOf,
  likeness,
  namesFile,
  publicGrant,
  requestAddress,
  secretOf,
  selectorOf,
  splitCredential,
} from './file-address.ts'
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
