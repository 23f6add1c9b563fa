import { parseUtc } from './parseUtc.ts'

/**
 * Reads the date S3 and Google put into their signed URLs, `YYYYMMDDTHHMMSSZ`.
 *
 * @returns epoch milliseconds, or null
 */
export function parseSigningDate(text: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2}T\d{2})(\d{2})(\d{2}Z)$/.exec(text)
  if (match === null) return null
  const [, year, month, hour, minute, second] = match
  return parseUtc(`${year}-${month}-${hour}:${minute}:${second}`)
}
