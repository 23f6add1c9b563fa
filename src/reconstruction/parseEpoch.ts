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
