import { redactUrl } from '../core/redactUrl.ts'

/**
 * What a caller may be called in statistics. Anybody can send any label, so nothing is decided by it; and since
 * it is shown, one that holds a credential is dropped whole.
 *
 * @param text as it was sent; query, fragment and user information are cut off
 * @param credentials texts that this request sent as credentials
 * @param isCredential whether a word is known to be one
 * @returns at most 100 characters; null when it is longer, empty or holds a credential
 */
export function labelOf(
  text: string,
  credentials: readonly string[],
  isCredential: (word: string) => boolean,
): string | null {
  if (credentials.some((credential) => text.includes(credential))) return null
  const label = text.includes('://') ? redactUrl(text) : text.split(/[?#]/, 1)[0]!
  if (label === '' || label.length > 100) return null
  const words = [label, ...label.split(/[^\w~-]+/)]
  return words.some((word) => isCredential(word)) ? null : label
}
