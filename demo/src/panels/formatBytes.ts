/** Formats bytes in decimal units, on one line: `10.8 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)}\u00A0B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)}\u00A0kB`
  const megabytes = bytes / 1_000_000
  return `${megabytes.toFixed(megabytes < 100 ? 1 : 0)}\u00A0MB`
}
