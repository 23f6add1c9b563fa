/** What an answer of a revocation feed says. */
export interface ReadRevocations {
  /** Key ids, and epoch milliseconds since which they are revoked. */
  readonly revoked: ReadonlyMap<string, number>
  /** Entries that could not be read. */
  readonly unread: number
}

/**
 * Reads `{"revokedSince": {"<key id>": <epoch milliseconds>}}`. One bad entry does not hide the others.
 *
 * @param now epoch milliseconds; a later revocation counts as one of now: verdicts of the future do not exist
 * @returns null when it is no such object at all
 */
export function readRevocations(json: unknown, now: number): ReadRevocations | null {
  const map = isObject(json) && Object.hasOwn(json, 'revokedSince') ? json['revokedSince'] : null
  if (!isObject(map)) return null
  const revoked = new Map<string, number>()
  let unread = 0
  for (const [keyId, since] of Object.entries(map)) {
    const usable = typeof since === 'number' && since >= 0 && keyId !== '' && keyId.length <= 256
    if (usable) revoked.set(keyId, Math.min(since, now))
    else unread += 1
  }
  return { revoked, unread }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
