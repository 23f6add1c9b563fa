import type { Fetched } from '../../stage/Fetched.ts'

/** The parts of an answer that are the same for every server with the same file. */
export type Observed = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * The observable properties of an answer. For a refusal that is only the status, because the texts differ between
 * servers.
 *
 * @param asked the URL
 */
export function tell(
  { status, url, headers, size, sha256, failure }: Fetched,
  asked: string,
): Observed {
  const failed = failure !== undefined
  if (status === 0) return { status, failed }
  const here = url === new URL(asked).href.split('#', 1)[0]
  if (status >= 400 && status !== 416) return { status, failed, here }
  const seen = { status, size, sha256, failed, here }
  if (status === 416) return { ...seen, place: headers['content-range'] }
  const etag = /^"[^"]+"$/.test(headers['etag'] ?? '') ? 'strong' : headers['etag']
  if (status === 304) return { ...seen, etag }
  return {
    ...seen,
    etag,
    length: headers['content-length'],
    place: headers['content-range'],
    ranges: headers['accept-ranges'],
    type: headers['content-type'],
    encoding: headers['content-encoding'],
    vary: headers['vary'] === '*',
  }
}
