/** The public suffix check where none is given: a single label other than `localhost` is taken for a suffix. */
export function isSingleLabel(host: string): boolean {
  return !host.includes('.') && host !== 'localhost'
}
