/**
 * Reads a moment written as digits. Their count tells the unit: ten are seconds, thirteen milliseconds;
 * any other count is no date of our time.
 *
 * @returns epoch milliseconds, or null
 */
export function parseEpoch(text: string): number | null {
  if (/^\d{10}$/.test(text)) return Number(text) * 1000
  return /^\d{13}$/.test(text) ? Number(text) : null
}

/**
 * The earliest expiry in a CloudFront policy: base64 of JSON, with `-`, `_` and `~` in place of `+`, `=`
 * and `/`. The condition's key is `AWS:EpochTime`, on other networks `EpochTime`.
 *
 * @param policy value of the `Policy` parameter, percent-decoded
 * @returns epoch milliseconds, or null when there is none to read
 */
export function parsePolicyExpiry(policy: string): number | null {
  const moments = statements(policy).flatMap((statement) => {
    const less = field(field(statement, 'Condition'), 'DateLessThan')
    return [field(less, 'AWS:EpochTime'), field(less, 'EpochTime')]
      .map((value) => (typeof value === 'number' ? parseEpoch(String(value)) : null))
      .filter((moment) => moment !== null)
  })
  return moments.length === 0 ? null : Math.min(...moments)
}

const plain: Readonly<Record<string, string>> = { '-': '+', _: '=', '~': '/' }

function statements(policy: string): unknown[] {
  const base64 = policy.replace(/[-_~]/g, (letter) => plain[letter] ?? '').replace(/=+$/, '')
  try {
    return [field(JSON.parse(atob(base64)), 'Statement')].flat()
  } catch {
    return []
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined
}

/**
 * Reads a UTC moment: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MMZ`, or `YYYY-MM-DDTHH:MM:SSZ` with up to seven
 * fraction digits, which are cut to milliseconds.
 *
 * @returns epoch milliseconds, or null for other texts and for dates that do not exist
 */
export function parseUtc(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?Z)?$/.exec(text)
  if (match === null) return null
  const [, day, minutes = '00:00', seconds = '00', fraction = ''] = match
  const iso = `${day}T${minutes}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
  const moment = new Date(iso)
  // Engines disagree on 30 February and on 24:00: some roll them over. Only a date that reads back
  // the same exists.
  return Number.isNaN(moment.getTime()) || moment.toISOString() !== iso ? null : moment.getTime()
}

/**
 * Reads the date S3 and Google put into their signed URLs, `YYYYMMDDTHHMMSSZ`.
 *
 * @returns epoch milliseconds, or null
 */
export function parseSigningDate(text: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2}T\d{2})(\d{2})(\d{2}Z)$/.exec(text)
  if (match === null) return null
  const [, year, month, hour, minute, second] = match
  return parseUtc(`${year}-${month}-${hour}:${minute}:${second}`)
}

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
