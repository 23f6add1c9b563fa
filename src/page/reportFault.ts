import { plainError } from '../protocol/plainError.ts'
import type { Ferry } from './Ferry.ts'

/** Raises the event `fault` on a connection that its page is only just given: once it can have listeners. */
export function reportFault(ferry: Ferry, error: unknown): void {
  setTimeout(() => {
    ferry.dispatchEvent(new CustomEvent('fault', { detail: plainError(error) }))
  })
}
