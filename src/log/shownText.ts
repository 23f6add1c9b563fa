import { redactSecrets } from '../core/redactSecrets.ts'

/**
 * Text from outside, as a line of the log may hold it: without secrets and not longer than it should be.
 *
 * @param most characters; longer text is cut and ends in an ellipsis
 */
export function shownText(text: string, most: number): string {
  // Cut before, because redaction takes time, and after, because it may add to the length.
  const shown = redactSecrets(text.length > 4 * most ? text.slice(0, 4 * most) : text)
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown
}
