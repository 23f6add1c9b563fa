import { transferHandlers } from 'comlink'
import { errorTransfer } from './errorTransfer.ts'

/** Lets FerryErrors cross Comlink whole. Called by both ends before the first call. */
export function registerErrorTransfer(): void {
  const own = transferHandlers.get('throw')
  if (own) transferHandlers.set('throw', errorTransfer(own))
}
