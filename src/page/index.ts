// The page's SDK: connect(), Ferry, progress, and the script-tag global.
// Touches no file bytes; passes tokens on and does not store them.
// Start with connect.ts. This file is the package's main entry.

export { connect } from './connect.ts'
export type { ConnectOptions } from './options.ts'
export { Ferry, type UpdateOptions } from './ferry.ts'
export type { DeviceUsage } from '../protocol/index.ts'
export type { KeptCopy } from '../protocol/index.ts'
export { Prefetch, type PrefetchOptions } from './prefetch.ts'
export type { Update } from './prefetch.ts'
export { type TransformersCache, transformersCache } from './transformers-cache.ts'
export { FerryError, type FerryErrorOptions } from '../core/index.ts'
export type { FerryErrorCode, FilePattern } from '../core/index.ts'
export type { LoaderOptions } from '../protocol/index.ts'
export type { FerryEvent, FerryEventMap } from '../protocol/index.ts'
export type { ErrorData, Explanation } from '../protocol/index.ts'
export type { HeldFile, VerifyReport } from '../protocol/index.ts'
export type { LoadState } from '../protocol/index.ts'
export type { FileChange, RevisionChange } from '../protocol/index.ts'
