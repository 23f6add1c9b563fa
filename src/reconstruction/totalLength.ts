/**
 * Length of the whole file from `Content-Range` (RFC 9110, section 14.4).
 *
 * @returns bytes; null when it is missing, malformed or says `*`
 */
export function totalLength(header: string | null): number | null {
  const match = /^bytes (?:\d+-\d+|\*)\/(\d{1,16})$/i.exec(header?.trim() ?? '')
  const length = match === null ? Number.NaN : Number(match[1])
  return Number.isSafeInteger(length) ? length : null
}
