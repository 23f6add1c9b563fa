import type { TransferHandler } from 'comlink'
import { decodeError } from './decodeError.ts'
import type { ErrorData } from './ErrorData.ts'

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
