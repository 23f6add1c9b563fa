import { parsePolicyExpiry } from './parsePolicyExpiry.ts'
import { parseEpoch } from './parseEpoch.ts'
import { parseUtc } from './parseUtc.ts'

/**
 * Reads off a signed URL when it stops working. Knows CloudFront (`Expires`, `Policy`), S3 (`X-Amz-Date` and
 * `X-Amz-Expires`), Google Cloud Storage (`X-Goog-…`) and Azure (`se`); where several are there, the
 * earliest counts, since each is checked by somebody. What cannot be read is left out and never throws.
 *
 * @param url the signed URL, exactly as received
 * @returns epoch milliseconds by the signer's clock, or null when the URL says nothing
 * @example signedUrlExpiry('https://cdn.example/f?Expires=1795343400') // 1795343400000
 */
export function signedUrlExpiry(url: string): number | null {
  const query = queryOf(url)
  const moments = [
    ...query.all('Expires').map(parseEpoch),
    ...query.all('Policy').map(parsePolicyExpiry),
    ...query.all('se').map(parseUtc),
    dateAndLifetime(query.first('X-Amz-Date'), query.first('X-Amz-Expires')),
    dateAndLifetime(query.first('X-Goog-Date'), query.first('X-Goog-Expires')),
  ].filter((moment) => moment !== null)
  return moments.length === 0 ? null : Math.min(...moments)
}

interface Query {
  all(name: string): string[]
  first(name: string): string | undefined
}

/** Not URLSearchParams: that reads `+` as a space, and a signed value may hold a plus. */
function queryOf(url: string): Query {
  const all = (name: string): string[] =>
    pairs.filter((pair) => pair[0] === name).map((pair) => pair[1])
  const pairs = searchOf(url)
    .split('&')
    .map((pair): [string, string] => {
      const cut = pair.indexOf('=')
      return cut < 0
        ? [decode(pair), '']
        : [decode(pair.slice(0, cut)), decode(pair.slice(cut + 1))]
    })
  return { all, first: (name) => all(name)[0] }
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

function dateAndLifetime(date = '', lifetime = ''): number | null {
  const start = /^\d{8}T\d{6}Z$/.test(date) ? parseUtc(withPunctuation(date)) : null
  return start === null || !/^\d{1,7}$/.test(lifetime) ? null : start + Number(lifetime) * 1000
}

function withPunctuation(date: string): string {
  return date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
}
