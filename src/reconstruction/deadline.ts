import { signedUrlExpiry } from './signedUrlExpiry.ts'

/**
 * When the first of several URLs stops working.
 *
 * @returns epoch milliseconds by the server's clock; null when none says so
 */
export function deadline(urls: Iterable<string>): number | null {
  let first: number | null = null
  for (const url of urls) {
    const expiry = signedUrlExpiry(url)
    if (expiry !== null && (first === null || expiry < first)) first = expiry
  }
  return first
}
