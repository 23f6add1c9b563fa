/**
 * Milliseconds that an idle key is remembered: two intervals or five minutes, whichever is later.
 *
 * @param intervalMs milliseconds
 */
export function idleLife(intervalMs: number): number {
  return Math.max(2 * intervalMs, 300_000)
}
