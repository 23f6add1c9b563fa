import type { Hasher } from '../codec/Hasher.ts'
import type { Net } from '../net/Net.ts'
import type { Reconstructions } from '../reconstruction/Reconstructions.ts'
import type { Store } from '../store/Store.ts'

/** What a transfer works with; everything outside of it comes in here. */
export interface TransferTools {
  readonly net: Net
  readonly store: Store
  readonly reconstructions: Reconstructions
  readonly hasher: Hasher
  /** Range requests side by side; Chromium opens 6 connections to an HTTP/1.1 host. */
  readonly connections: number
  /** How long a piece's answer may take to begin, milliseconds. Default: what the retry policy says. */
  readonly pieceMs?: number | undefined
  /** Settles when the device is online again; at once when it is, or when nobody can tell. */
  readonly online: (signal: AbortSignal) => Promise<void>
}
