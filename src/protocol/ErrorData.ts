import type { FerryErrorCode } from '../core/FerryErrorCode.ts'

/** A FerryError as plain data: structured clone drops the class, `code` and `name` of an error. */
export interface ErrorData {
  readonly code: FerryErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly url?: string
  readonly status?: number
  readonly errorCode?: string
}
