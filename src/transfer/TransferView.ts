import type { LoadState } from '../protocol/LoadState.ts'

/** The part of a load's state that the transfer knows. */
export type TransferView = Pick<
  LoadState,
  | 'held'
  | 'place'
  | 'committed'
  | 'releasable'
  | 'proven'
  | 'inFlight'
  | 'fetched'
  | 'reused'
  | 'recalled'
  | 'transfer'
  | 'inherited'
  | 'bytesPerSecond'
  | 'deadline'
>
