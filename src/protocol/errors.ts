import { FerryError, type FerryErrorCode, redactSecrets, redactUrl } from '../core/index.ts'
import { transferHandlers, type TransferHandler } from 'comlink'
import type { ErrorData } from './files.ts'

/**
 * Turns anything thrown into data that survives a realm boundary, as it is: for a page and its own worker.
 * What others get to see goes through `encodeError`.
 *
 * @param error a FerryError keeps its code; an abort becomes `aborted`, everything else `fallback`
 * @param fallback code for errors that are not ours
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
 * Turns anything thrown into data that may leave the realm: whole addresses in its message lose their query,
 * whatever the parameters are called, and what looks like a secret goes.
 *
 * @param fallback code for errors that are not ours
 */
export function encodeError(error: unknown, fallback?: FerryErrorCode): ErrorData {
  const data = plainError(error, fallback)
  const bare = data.message.replaceAll(/https?:\/\/[^\s"'<>]+/g, (url) => redactUrl(url))
  return { ...data, message: redactSecrets(bare) }
}

/** The FerryError that {@link encodeError} made data of. */
export function decodeError({ code, message, ...options }: ErrorData): FerryError {
  return new FerryError(code, message, options)
}

interface Thrown {
  readonly value: unknown
}

/**
 * Replaces Comlink's handler named `throw`, on both ends: its own keeps only name, message and stack.
 * (Comlink 4.4 recognises a thrown value by the marker that its own handler looks for.)
 *
 * @param encode what this end does to what is thrown here
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
 * Lets FerryErrors cross Comlink whole. Called by both ends before the first call.
 *
 * @param encode what this end does to what is thrown here
 */
export function registerErrorTransfer(encode: (error: unknown) => ErrorData): void {
  const own = transferHandlers.get('throw')
  if (own) transferHandlers.set('throw', errorTransfer(own, encode))
}
