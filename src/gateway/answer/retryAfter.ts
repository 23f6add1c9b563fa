/**
 * Value of `Retry-After`: whole seconds, never earlier than asked for, so that nobody comes back for nothing; later
 * by up to a quarter, so that those who were sent away together do not come back together.
 *
 * @param ms milliseconds to wait at least
 * @param random 0 up to 1
 * @returns 1 or more
 * @see RFC 9110, section 10.2.3
 */
export function retryAfter(ms: number, random: number): number {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  return seconds + Math.floor((seconds / 4 + 1) * random)
}
