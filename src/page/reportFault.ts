import type { FerryError } from '../core/FerryError.ts'
import { encodeError } from '../protocol/encodeError.ts'
import type { Ferry } from './Ferry.ts'

/** Raises the event `fault` on a connection that its page is only just given: once it can have listeners. */
export function reportFault(ferry: Ferry, error: FerryError): void {
  setTimeout(() => {
    ferry.dispatchEvent(new CustomEvent('fault', { detail: encodeError(error, error.code) }))
  })
}
