import { parseEpoch } from './parseEpoch.ts'
import { parsePolicyExpiry } from './parsePolicyExpiry.ts'
import { parseSigningDate } from './parseSigningDate.ts'
import { parseUtc } from './parseUtc.ts'
import { signedQuery } from './signedQuery.ts'

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
  const query = signedQuery(url)
  const all = (name: string): string[] =>
    query.filter((parameter) => parameter[0] === name).map((parameter) => parameter[1])
  const moments = [
    ...all('Expires').map(parseEpoch),
    ...all('Policy').map(parsePolicyExpiry),
    ...all('se').map(parseUtc),
    lifetimeFrom(all('X-Amz-Date')[0], all('X-Amz-Expires')[0]),
    lifetimeFrom(all('X-Goog-Date')[0], all('X-Goog-Expires')[0]),
  ].filter((moment) => moment !== null)
  return moments.length === 0 ? null : Math.min(...moments)
}

function lifetimeFrom(date = '', lifetime = ''): number | null {
  const start = parseSigningDate(date)
  return start === null || !/^\d{1,7}$/.test(lifetime) ? null : start + Number(lifetime) * 1000
}
