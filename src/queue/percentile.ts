/**
 * The value that a part of all values does not exceed (nearest rank).
 *
 * @param part above 0, up to 1
 * @returns 0 for no values
 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(part * sorted.length) - 1] ?? 0
}
