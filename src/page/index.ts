// The page's SDK: connect(), Ferry, progress, and the script-tag global.
// Touches no file bytes; passes tokens on and does not store them.
// Start with connect.ts. This file is the package's main entry.

export { connect } from './connect.ts'
export type { ConnectOptions } from './options.ts'
export { Ferry, type UpdateOptions } from './ferry.ts'
export type { LoaderOptions } from '../protocol/index.ts'
export type {
  DeviceUsage,
  KeptCopy,
  FerryEvent,
  FerryEventMap,
  ErrorData,
  Explanation,
  HeldFile,
  VerifyReport,
  LoadState,
  FileChange,
  RevisionChange,
} from '../data/index.ts'
export { Prefetch, type PrefetchOptions, type Update } from './prefetch.ts'
export { type TransformersCache, transformersCache } from './transformers-cache.ts'
export { FerryError, type FerryErrorOptions, type FerryErrorCode } from '../core/index.ts'
export type { FilePattern } from '../address/index.ts'
