import { FerryError, type FerryErrorCode, redactSecrets, redactUrl } from '../core/index.ts'
import { transferHandlers, type TransferHandler } from 'comlink'
import type { ErrorData } from './files.ts'

/**
 * Turns any thrown value into data that survives a realm boundary, unchanged: for a page and its own worker. Errors
 * for other realms go through `encodeError`.
 *
 * @param error a FerryError keeps its code; an abort becomes `aborted`, everything else `fallback`
 * @param fallback code for foreign errors
 */
export function plainError(error: unknown, fallback: FerryErrorCode = 'worker'): ErrorData {
  if (error instanceof FerryError) {
    const { code, message, retryable, url, status, errorCode } = error
    return {
      code,
      message,
      retryable,
      ...(url !== undefined && { url }),
      ...(status !== undefined && { status }),
      ...(errorCode !== undefined && { errorCode }),
    }
  }
  const { name, message } =
    error instanceof Error || error instanceof DOMException ? error : new Error(String(error))
  const code = name === 'AbortError' ? 'aborted' : name === 'TimeoutError' ? 'timeout' : fallback
  return { code, message, retryable: code === 'timeout' }
}

/**
 * Turns any thrown value into data that may leave the realm. Absolute URLs in its message lose their query, with any
 * parameters, and texts that look like secrets are removed.
 *
 * @param fallback code for foreign errors
 */
export function encodeError(error: unknown, fallback?: FerryErrorCode): ErrorData {
  const data = plainError(error, fallback)
  const bare = data.message.replaceAll(/https?:\/\/[^\s"'<>]+/g, (url) => redactUrl(url))
  return { ...data, message: redactSecrets(bare) }
}

/** Restores the FerryError from the result of {@link encodeError}. */
export function decodeError({ code, message, ...options }: ErrorData): FerryError {
  return new FerryError(code, message, options)
}

interface Thrown {
  readonly value: unknown
}

/**
 * Replaces Comlink's transfer handler named `throw`, on both ends: its own handler keeps only name, message and
 * stack. (Comlink 4.4 recognises a thrown value by a marker that its own handler checks.)
 *
 * @param encode converts the errors that are thrown on this end
 */
export function errorTransfer(
  own: TransferHandler<unknown, unknown>,
  encode: (error: unknown) => ErrorData,
): TransferHandler<Thrown, ErrorData> {
  return {
    canHandle: (value): value is Thrown => own.canHandle(value),
    serialize: ({ value }) => [encode(value), []],
    deserialize: (data) => {
      throw decodeError(data)
    },
  }
}

/**
 * Lets FerryErrors cross Comlink without loss. Both ends call it before the first call.
 *
 * @param encode converts the errors that are thrown on this end
 */
export function registerErrorTransfer(encode: (error: unknown) => ErrorData): void {
  const own = transferHandlers.get('throw')
  if (own) transferHandlers.set('throw', errorTransfer(own, encode))
}
