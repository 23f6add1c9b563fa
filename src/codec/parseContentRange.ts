import { FerryError } from '../core/FerryError.ts'
import type { ContentRange } from './ContentRange.ts'

/**
 * Reads the `Content-Range` of a 206 answer or of one part of a multipart one.
 *
 * @param value the header's value
 * @throws FerryError `protocol` when it is not `bytes a-b/total`, the range is backwards or passes the total;
 *   also for the unsatisfied form of a 416 answer, which has no range to give
 * @example parseContentRange('bytes 0-99/1000') // { range: { start: 0, end: 100 }, total: 1000 }
 * @see RFC 9110 section 14.4
 */
export function parseContentRange(value: string): ContentRange {
  const match = /^bytes +(\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(value.trim())
  if (match !== null) {
    const start = Number(match[1])
    const end = Number(match[2]) + 1
    const total = match[3] === '*' ? undefined : Number(match[3])
    const safe = Number.isSafeInteger(end) && Number.isSafeInteger(total ?? 0)
    if (safe && start < end && (total === undefined || end <= total)) {
      return { range: { start, end }, total }
    }
  }
  throw new FerryError(
    'protocol',
    `The Content-Range ${JSON.stringify(value.slice(0, 80))} is no byte range with a start, an end and a total.`,
  )
}
