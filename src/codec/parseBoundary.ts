import { FerryError } from '../core/FerryError.ts'

const QUOTED = /^"((?:[^"\\]|\\.)*)"$/
/** RFC 2046 section 5.1.1: 1 to 70 characters of this set, not ending with a space. */
const BOUNDARY = /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/

/**
 * Reads the boundary out of the content type of a `multipart/byteranges` answer.
 *
 * @param contentType value of `Content-Type`; null: the answer had none
 * @throws FerryError `protocol` when it is another type, or its boundary is missing, doubled or malformed
 * @example parseBoundary('multipart/byteranges; boundary=THIS_STRING_SEPARATES') // 'THIS_STRING_SEPARATES'
 * @see RFC 9110 section 14.6, RFC 2046 section 5.1.1
 */
export function parseBoundary(contentType: string | null): string {
  const shown = JSON.stringify(contentType?.slice(0, 120) ?? null)
  const [type = '', ...parameters] =
    (contentType ?? '').match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? []
  if (type.trim().toLowerCase() !== 'multipart/byteranges') {
    throw new FerryError(
      'protocol',
      `The Content-Type is ${shown}, multipart/byteranges was expected for several ranges.`,
    )
  }
  const found = parameters
    .map((parameter) => /^\s*boundary\s*=\s*(.*?)\s*$/is.exec(parameter)?.[1])
    .filter((value) => value !== undefined)
  const value = found[0] ?? ''
  const boundary = QUOTED.exec(value)?.[1]?.replace(/\\(.)/gs, '$1') ?? value
  if (found.length !== 1 || !BOUNDARY.test(boundary)) {
    throw new FerryError('protocol', `The Content-Type ${shown} gives no usable boundary.`)
  }
  return boundary
}
