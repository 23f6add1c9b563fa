/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date.
 *
 * @param header as it came
 * @param now epoch milliseconds, for dates
 * @param most milliseconds; what is longer is cut
 * @returns milliseconds, 0 to `most`; undefined when there is none to read
 */
export function readRetryAfter(
  header: string | null,
  now: number,
  most: number,
): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,20}$/.test(text)) return Math.min(most, Number(text) * 1000)
  // Date.parse takes nearly anything for a date; HTTP dates begin with the name of a weekday and end with GMT.
  if (!/^[A-Z][a-z]{2,8},? [\w :-]{8,40}GMT$/.test(text)) return undefined
  const delay = Date.parse(text) - now
  return Number.isNaN(delay) ? undefined : Math.min(most, Math.max(0, delay))
}
