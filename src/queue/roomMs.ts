import type { KeyRecord } from './KeyRecord.ts'

/**
 * Milliseconds until one of a key's places to wait is free; undefined where that depends on when work ends.
 *
 * @param now epoch milliseconds
 */
export function roomMs(
  { permits, ready }: Pick<KeyRecord, 'permits' | 'ready'>,
  now: number,
): number | undefined {
  const first = permits[0]
  return first && ready.size === 0 ? first.start - now : undefined
}
