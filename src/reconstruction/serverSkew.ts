import { parseSigningDate } from './parseSigningDate.ts'
import { signedQuery } from './signedQuery.ts'

export interface Arrival {
  /** `Date` header, where it is readable (across origins it seldom is). */
  readonly date: string | null
  /** Signed URLs of the same answer. */
  readonly urls: Iterable<string>
  /** Local epoch milliseconds when the question left and when its answer was here. */
  readonly sentAt: number
  readonly receivedAt: number
}

/**
 * How far the server's clock is ahead of the local one, from the answer's `Date`, else from the newest
 * signing date in its URLs (`X-Amz-Date`, `X-Goog-Date`), else 0.
 *
 * Both dates are whole seconds and the answer was made some time between question and arrival, so all
 * they give is an interval. While it holds 0 the clocks count as equal: a guess inside it would be worse
 * than none for URLs that live for seconds. An expiry alone says nothing, since its lifetime is unknown;
 * one that has passed on arrival is dealt with by {@link isUsable}.
 *
 * @returns milliseconds to add to the local clock
 */
export function serverSkew({ date, urls, sentAt, receivedAt }: Arrival): number {
  const moment = httpDate(date) ?? newest(urls)
  if (moment === null) return 0
  const least = moment - receivedAt
  const most = moment + 1000 - sentAt
  return least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2)
}

/** `Sun, 22 Nov 2026 10:30:00 GMT` (RFC 9110, section 5.6.7). */
function httpDate(date: string | null): number | null {
  const moment = date === null || !date.endsWith('GMT') ? Number.NaN : Date.parse(date)
  return Number.isNaN(moment) ? null : moment
}

function newest(urls: Iterable<string>): number | null {
  let newest: number | null = null
  for (const url of urls) {
    for (const [name, value] of signedQuery(url)) {
      if (name !== 'X-Amz-Date' && name !== 'X-Goog-Date') continue
      const moment = parseSigningDate(value)
      if (moment !== null && (newest === null || moment > newest)) newest = moment
    }
  }
  return newest
}
