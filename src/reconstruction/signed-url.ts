/**
 * Parses a time written as digits. Their number determines the unit: ten digits are seconds, thirteen are
 * milliseconds; other lengths are not a current date.
 *
 * @returns epoch milliseconds, or null
 */
function parseEpoch(text: string): number | null {
  if (/^\d{10}$/.test(text)) return Number(text) * 1000
  return /^\d{13}$/.test(text) ? Number(text) : null
}

/**
 * The earliest expiry in a CloudFront policy: base64 of JSON, with `-`, `_` and `~` in place of `+`, `=`
 * and `/`. The condition's key is `AWS:EpochTime`, on other networks `EpochTime`.
 *
 * @param policy value of the `Policy` parameter, percent-decoded
 * @returns epoch milliseconds, or null when there is none
 */
function parsePolicyExpiry(policy: string): number | null {
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
  const base64 = policy.replace(/[-_~]/g, (letter) => plain[letter]!).replace(/=+$/, '')
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
 * Parses a UTC time: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MMZ`, or `YYYY-MM-DDTHH:MM:SSZ` with up to seven
 * fraction digits, which are truncated to milliseconds.
 *
 * @returns epoch milliseconds, or null for other texts and for dates that do not exist
 */
function parseUtc(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?Z)?$/.exec(text)
  if (match === null) return null
  const [, day, minutes = '00:00', seconds = '00', fraction = ''] = match
  const iso = `${day}T${minutes}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
  const moment = new Date(iso)
  // Engines disagree on 30 February and on 24:00: some accept them and roll over. A date is valid only if it formats
  // back to the same text.
  return Number.isNaN(moment.getTime()) || moment.toISOString() !== iso ? null : moment.getTime()
}

/**
 * Parses the date in signed URLs of S3 and Google, `YYYYMMDDTHHMMSSZ`.
 *
 * @returns epoch milliseconds, or null
 */
function parseSigningDate(text: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2}T\d{2})(\d{2})(\d{2}Z)$/.exec(text)
  if (match === null) return null
  const [, year, month, hour, minute, second] = match
  return parseUtc(`${year}-${month}-${hour}:${minute}:${second}`)
}

/** Parameters of a signed URL, percent-decoded, in order. */
export type SignedQuery = readonly (readonly [name: string, value: string])[]

/**
 * Parses the query of a signed URL. URLSearchParams is not used because it reads `+` as a space, and a signed value
 * may contain a plus.
 *
 * @returns empty for a text that is not an absolute http(s) URL; a value that cannot be decoded is empty
 */
function signedQuery(url: string): SignedQuery {
  return searchOf(url)
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [decode(name), decode(value.join('='))]
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
 * Reads the expiry of a signed URL. It supports CloudFront (`Expires`, `Policy`), S3 (`X-Amz-Date` and
 * `X-Amz-Expires`), Google Cloud Storage (`X-Goog-…`) and Azure (`se`). If several are present, the earliest counts,
 * because each of them may be checked. Unreadable values are skipped; it never throws.
 *
 * @param url the signed URL, exactly as received
 * @returns epoch milliseconds by the signer's clock, or null when the URL has no expiry
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
 * The earliest expiry of several URLs.
 *
 * @returns epoch milliseconds by the server's clock; null when none has an expiry
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
  /** `Date` header, if it is readable (across origins it rarely is). */
  readonly date: string | null
  /** Signed URLs of the same response. */
  readonly urls: Iterable<string>
  /** Local epoch milliseconds when the request was sent and when its response arrived. */
  readonly sentAt: number
  readonly receivedAt: number
}

/**
 * How far the server's clock is ahead of the local one, from the response's `Date`, else from the newest signing date
 * in its URLs (`X-Amz-Date`, `X-Goog-Date`), else 0.
 *
 * Both dates are whole seconds, and the response was made some time between request and arrival. So they give only an
 * interval. While it contains 0, the clocks count as equal: for URLs with a lifetime of seconds, a guess inside the
 * interval would be worse than none. An expiry alone says nothing, because its lifetime is unknown; {@link isUsable}
 * handles one that has passed on arrival.
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
