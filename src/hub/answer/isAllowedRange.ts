import type { ByteRange } from '../../core/ByteRange.ts'

/**
 * Whether a range may be read under a URL that was signed for `signed`.
 *
 * @param range what is asked for
 * @param signed what the URL is good for
 * @param exact true: only one of these as a whole; false: any part of one
 */
export function isAllowedRange(
  range: ByteRange,
  signed: readonly ByteRange[],
  exact: boolean,
): boolean {
  return signed.some(({ start, end }) =>
    exact ? range.start === start && range.end === end : range.start >= start && range.end <= end,
  )
}
