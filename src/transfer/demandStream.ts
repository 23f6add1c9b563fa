import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import type { Demand } from './Demand.ts'

/** Bytes handed over at once: to open the file anew for each costs as much as to read a megabyte or two. */
const partLength = 8 * 2 ** 20

/**
 * The body of an answer whose file is still on its way. Ends only after the last byte was allowed to leave;
 * errors otherwise, never closes short. Cancelling it gives up the demand. While one part is handed over, the
 * next one is read.
 */
export function demandStream(
  demand: Demand,
  range: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = range.start
  let ahead: Promise<Uint8Array<ArrayBuffer>> | undefined
  const abort = new AbortController()
  const read = async (start: number): Promise<Uint8Array<ArrayBuffer>> => {
    const allowed = await demand.until(start, abort.signal)
    const end = Math.min(range.end, allowed, start + partLength)
    const bytes = await demand.read(start, end)
    if (bytes.length !== end - start) throw tooShort(demand, end - start, bytes)
    return bytes
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          if (position < range.end) {
            const bytes = await (ahead ?? read(position))
            // What was read ahead may have been recalled since; then this throws.
            if (ahead) await demand.until(position, abort.signal)
            position += bytes.length
            ahead = position < range.end ? read(position) : undefined
            // Whoever pulls next hears of its failure.
            ahead?.catch(() => undefined)
            controller.enqueue(bytes)
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
