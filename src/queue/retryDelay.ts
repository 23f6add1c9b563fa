import type { QueueState } from './QueueState.ts'
import { unknownMs } from './unknownMs.ts'

/**
 * When it is worth asking again: not before there can be room, and not before the key's quota grows, which is what
 * `RateLimit` tells at the same time (`Retry-After` must not contradict it).
 *
 * @param roomMs milliseconds until there can be room; undefined: unknown
 * @returns milliseconds
 */
export function retryDelay(
  roomMs: number | undefined,
  { resetMs }: Pick<QueueState, 'resetMs'>,
): number {
  return Math.max(roomMs ?? unknownMs, resetMs)
}
