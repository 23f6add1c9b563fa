import { FerryError } from '../core/FerryError.ts'
import type { ErrorData } from './ErrorData.ts'

/** The FerryError that {@link encodeError} made data of. */
export function decodeError({ code, message, ...options }: ErrorData): FerryError {
  return new FerryError(code, message, options)
}
