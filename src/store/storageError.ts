import { FerryError } from '../core/FerryError.ts'

/**
 * What a failure of the browser's storage means. Errors that already say it, and aborts, stay as they are.
 *
 * @param doing for the message: "writing model bytes"
 */
export function storageError(error: unknown, doing: string): unknown {
  if (error instanceof FerryError) return error
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'AbortError') return error
  if (name === 'QuotaExceededError') {
    return new FerryError(
      'quota',
      `There was no room on the device while ${doing}. Remove files or free disk space, then try again.`,
      { cause: error, retryable: true },
    )
  }
  return new FerryError(
    'storage',
    `The browser's storage failed while ${doing}: ${error instanceof Error ? error.message : String(error)}. Try again; if it stays so, clear this site's data.`,
    { cause: error, retryable: true },
  )
}
