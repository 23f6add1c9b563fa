const buckets = 10_000

/**
 * Whether a key belongs to the given hundredths of all. The same keys always do, and those of a smaller part belong
 * to every greater one, so that nobody changes sides while a rollout grows.
 *
 * @param key of the queue, or network
 * @param percent 0 to 100
 */
export function isAmongPercent(key: string, percent: number): boolean {
  if (percent >= 100) return true
  return hashOf(key) % buckets < percent * (buckets / 100)
}

/** FNV-1a with a final mix: nothing has to be secret here, only spread. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
