const mostSeconds = 3600

/**
 * Value of `Retry-After` (RFC 9110, section 10.2.3) for a delay: whole seconds, rounded up, 1 to 3600.
 *
 * @param ms milliseconds; what is no number counts as none
 */
export function retryAfterSeconds(ms: number): string {
  const seconds = Number.isNaN(ms) ? 1 : Math.ceil(ms / 1000)
  return `${Math.min(mostSeconds, Math.max(1, seconds))}`
}
