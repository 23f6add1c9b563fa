/** Parameters of a signed URL, percent-decoded, in order. */
export type SignedQuery = readonly (readonly [name: string, value: string])[]

/**
 * Reads the query of a signed URL. Not with URLSearchParams: that takes `+` for a space, and a signed
 * value may hold a plus.
 *
 * @returns nothing for what is no absolute http(s) URL; a value that cannot be decoded is empty
 */
export function signedQuery(url: string): SignedQuery {
  return searchOf(url)
    .split('&')
    .map((pair) => {
      const cut = pair.includes('=') ? pair.indexOf('=') : pair.length
      return [decode(pair.slice(0, cut)), decode(pair.slice(cut + 1))]
    })
}

function searchOf(url: string): string {
  try {
    const { protocol, search } = new URL(url)
    return protocol === 'https:' || protocol === 'http:' ? search.slice(1) : ''
  } catch {
    return ''
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
