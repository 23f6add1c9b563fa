import { isToken68 } from './isToken68.ts'

/**
 * What a caller may be called in statistics. Anybody can send any label, so nothing is decided by it; and since
 * it is shown, one that holds a credential is dropped whole.
 *
 * @param text as it was sent; query, fragment and user information are cut off
 * @param credentials texts, not empty, that this request sent as credentials
 * @param isCredential whether a word is known to be one
 * @returns at most 100 characters; null when it is longer, empty or holds a credential
 * @example labelOf('https://u:p@app.example/page?key=k', [], () => false) // 'https://app.example/page'
 */
export function labelOf(
  text: string,
  credentials: readonly string[],
  isCredential: (word: string) => boolean,
): string | null {
  // One text may hold several: a scheme and its parameters, or what a repeated line was joined to.
  const parts = credentials.flatMap((credential) => [credential, ...credential.split(/[\s,]+/)])
  if (parts.some((part) => part !== '' && text.includes(part))) return null
  const [address = ''] = text.split(/[?#]/, 1)
  if (address.length > 100) return null
  const label = address.replace(/\/\/[^/]*@/, '//')
  return label === '' || wordsIn(label).some((word) => isCredential(word)) ? null : label
}

/** What of a label may be a credential: all of it, or words of it. Short words are no secrets, and each costs a hash. */
function wordsIn(label: string): string[] {
  const words = [...label.split(/[^\w.~+/=-]+/), ...label.split(/[^\w~-]+/)]
  const long = words.filter((word) => word.length >= 8)
  return [...new Set(isToken68(label) ? [label, ...long] : long)]
}
