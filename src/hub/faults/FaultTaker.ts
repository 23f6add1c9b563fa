import type { RequestKind } from '../routes/RequestKind.ts'
import type { FaultAction } from './FaultAction.ts'

/** Says what goes wrong with a request, and uses that up. */
export type FaultTaker = (request: {
  readonly kind: RequestKind
  /** Of the xorb, or whatever the path names by hash. */
  readonly hash?: string
  /** Decoded. */
  readonly path: string
}) => FaultAction | undefined
