import type { RequestKind } from '../routes/RequestKind.ts'
import type { FaultAction } from './FaultAction.ts'

/** Which requests go wrong, how often, and how. Preflights never do. */
export interface FaultRule {
  readonly kind: RequestKind
  /** Only for this xorb. */
  readonly xorb?: string
  /** Only where the request's decoded path ends so. */
  readonly path?: string
  /** Begins with the nth request that fits, counted from 1. Default: 1. */
  readonly nth?: number
  /** Holds for so many requests. Default: 1; `Infinity` (null in JSON): until it is removed. */
  readonly times?: number | null
  readonly action: FaultAction
}
