import { FerryError } from '../core/FerryError.ts'

/**
 * The error for a `multipart/byteranges` body that cannot be right.
 *
 * @param what the place and the value seen, as the end of a sentence
 */
export function malformedMultipart(what: string): FerryError {
  return new FerryError(
    'protocol',
    `A multipart/byteranges body is malformed: ${what}. Fetch the ranges again, one by one.`,
  )
}
