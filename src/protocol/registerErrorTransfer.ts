import { transferHandlers } from 'comlink'
import type { ErrorData } from './ErrorData.ts'
import { errorTransfer } from './errorTransfer.ts'

/**
 * Lets FerryErrors cross Comlink whole. Called by both ends before the first call.
 *
 * @param encode what this end does to what is thrown here
 */
export function registerErrorTransfer(encode: (error: unknown) => ErrorData): void {
  const own = transferHandlers.get('throw')
  if (own) transferHandlers.set('throw', errorTransfer(own, encode))
}
