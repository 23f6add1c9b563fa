import { FerryError } from './FerryError.ts'
import type { FerryErrorCode } from './FerryErrorCode.ts'

/**
 * Waits for something that may never come. The work itself is not ended: it has no handle to end it by.
 *
 * @param ms milliseconds
 * @param message what did not come, and what to do
 * @throws FerryError with `code` when the time is over
 */
export async function withTimeout<T>(
  work: Promise<T>,
  ms: number,
  message: string,
  code: FerryErrorCode = 'timeout',
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FerryError(code, message, { retryable: true })), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
