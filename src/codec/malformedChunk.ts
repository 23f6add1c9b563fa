import { FerryError } from '../core/FerryError.ts'
import type { FerryErrorCode } from '../core/FerryErrorCode.ts'

/**
 * The error for a chunk record that cannot be right.
 *
 * @param what the field and the value seen, as the end of a sentence
 * @param code `integrity` where a checksum disagrees, else `protocol`
 */
export function malformedChunk(what: string, code: FerryErrorCode = 'protocol'): FerryError {
  return new FerryError(
    code,
    `A chunk record is malformed: ${what}. Fetch its range again; if that does not help, the stored xorb is damaged.`,
  )
}
