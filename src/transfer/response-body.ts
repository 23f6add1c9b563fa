import { type ByteRange, FerryError } from '../core/index.ts'
import type { Delivered, DownloadReader } from './file-source.ts'

/** Bytes handed over at once: to open the file anew for each costs as much as to read a megabyte or two. */
const partLength = 8 * 2 ** 20

/** A body that nobody reads from for so long keeps no download going, milliseconds. */
const unreadMs = 3000

/**
 * The body of an answer whose file is still on its way. Ends only after the last byte was allowed to leave;
 * errors otherwise, never closes short. Cancelling it gives up the demand. While one part is handed over, the
 * next one is read. A page may drop a response without cancelling it: a body that is not read from gives up the
 * demand as well, and makes it again when it is read on.
 *
 * @param again makes the demand anew, given what was read so far
 * @param idleMs how long nobody may read from it, milliseconds
 */
export function readerStream(
  first: DownloadReader,
  range: ByteRange,
  again: (before: Delivered) => Promise<DownloadReader>,
  idleMs: number = unreadMs,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let demand = first
  let position = range.start
  let ahead: Promise<Uint8Array<ArrayBuffer>> | undefined
  let idle: ReturnType<typeof setTimeout> | undefined
  let rests = false
  const abort = new AbortController()
  const rest = (): void => {
    rests = true
    ahead = undefined
    demand.release()
  }
  const wait = (): void => {
    idle = setTimeout(rest, idleMs)
  }
  const end = (): void => {
    clearTimeout(idle)
    demand.release()
  }
  const read = async (start: number): Promise<Uint8Array<ArrayBuffer>> => {
    const allowed = await demand.until(start, abort.signal)
    const until = Math.min(range.end, allowed, start + partLength)
    const bytes = await demand.read(start, until)
    if (bytes.length !== until - start) throw tooShort(demand, until - start, bytes)
    return bytes
  }
  const resume = async (): Promise<void> => {
    demand = await again(demand.taken)
    rests = false
    if (abort.signal.aborted) demand.release()
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: wait,
      async pull(controller) {
        clearTimeout(idle)
        try {
          if (rests) await resume()
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
          if (position < range.end) return wait()
          end()
          controller.close()
        } catch (error) {
          end()
          if (!abort.signal.aborted) controller.error(error)
        }
      },
      cancel(reason) {
        abort.abort(reason)
        end()
      },
    },
    { highWaterMark: 0 },
  )
}

function tooShort({ info }: DownloadReader, wanted: number, { length }: Uint8Array): FerryError {
  return new FerryError(
    'storage',
    `Only ${length} of ${wanted} bytes were on the device. Ask for the file again.`,
    { url: info.url, retryable: true },
  )
}

type Body = ReadableStream<Uint8Array<ArrayBuffer>>

/** Bytes read at once: as many of a file as take about as long as to open it anew. */
const heldPartLength = 4 * 2 ** 20

/**
 * The same body, for a realm that has to be kept as long as it is read.
 *
 * @param body a file, or what this realm feeds
 * @param hold called with what lasts until the body ended, failed or was given up
 */
export function heldBody(body: Blob | Body, hold: (reading: Promise<void>) => void): Body {
  const reader = (body instanceof Blob ? fileStream(body) : body).getReader()
  let over: (() => void) | undefined
  hold(new Promise((resolve) => (over = resolve)))
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          controller.close()
        } catch (error) {
          controller.error(error)
        }
        over?.()
      },
      async cancel(reason) {
        over?.()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Faster in WebKitGTK 2.50 than the stream that a file gives of itself. */
function fileStream(file: Blob): Body {
  let at = 0
  return new ReadableStream(
    {
      async pull(controller) {
        const part = file.slice(at, (at += heldPartLength))
        if (part.size === 0) controller.close()
        else controller.enqueue(new Uint8Array(await part.arrayBuffer()))
      },
    },
    { highWaterMark: 0 },
  )
}
