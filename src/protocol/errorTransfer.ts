import type { TransferHandler } from 'comlink'
import { decodeError } from './decodeError.ts'
import { encodeError } from './encodeError.ts'
import type { ErrorData } from './ErrorData.ts'

interface Thrown {
  readonly value: unknown
}

/**
 * Replaces Comlink's handler named `throw`, on both ends: its own keeps only name, message and stack.
 * (Comlink 4.4 recognises a thrown value by the marker that its own handler looks for.)
 */
export function errorTransfer(
  own: TransferHandler<unknown, unknown>,
): TransferHandler<Thrown, ErrorData> {
  return {
    canHandle: (value): value is Thrown => own.canHandle(value),
    serialize: ({ value }) => [encodeError(value), []],
    deserialize: (data) => {
      throw decodeError(data)
    },
  }
}
