import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import type { Demand } from './Demand.ts'

/** Bytes handed over at once: browsers cut them again, smaller ones only cost more turns. */
const partLength = 2 * 2 ** 20

/**
 * The body of an answer whose file is still on its way. Ends only after the last byte was allowed to leave;
 * errors otherwise, never closes short. Cancelling it gives up the demand.
 */
export function demandStream(
  demand: Demand,
  range: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = range.start
  const abort = new AbortController()
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          if (position < range.end) {
            const allowed = await demand.until(position, abort.signal)
            const end = Math.min(range.end, allowed, position + partLength)
            const bytes = await demand.read(position, end)
            if (bytes.length !== end - position) throw tooShort(demand, end - position, bytes)
            controller.enqueue(bytes)
            position = end
          }
          if (position >= range.end) {
            demand.release()
            controller.close()
          }
        } catch (error) {
          demand.release()
          if (!abort.signal.aborted) controller.error(error)
        }
      },
      cancel(reason) {
        abort.abort(reason)
        demand.release()
      },
    },
    { highWaterMark: 0 },
  )
}

function tooShort({ info }: Demand, wanted: number, { length }: Uint8Array): FerryError {
  return new FerryError(
    'storage',
    `Only ${length} of ${wanted} bytes could be read from the device. Ask for the file again.`,
    { url: info.url, retryable: true },
  )
}
