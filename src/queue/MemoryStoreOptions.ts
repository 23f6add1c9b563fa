import type { Clock } from '../core/Clock.ts'

/** How much a memory store keeps. */
export interface MemoryStoreOptions {
  /** Keys at most; the least recently used one without work goes first. Default: 10 000. */
  readonly maxKeys?: number
  readonly clock?: Clock
}
