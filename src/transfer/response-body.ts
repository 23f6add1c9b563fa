import { type ByteRange, FerryError } from '../core/index.ts'
import { hostOf } from '../net/index.ts'
import { isChanged } from './blocks.ts'
import type { Delivered, DownloadReader } from './file-source.ts'

/**
 * Whether the first byte of a range may be delivered in time. It must be proven, by a xorb that may be far larger
 * than the range or, when the file uses only a part of the xorb, by the whole file. The demand is released when it is
 * late.
 *
 * @throws the error of the download
 */
export async function isDeliverableInTime(
  demand: DownloadReader,
  start: number,
  ms: number,
): Promise<boolean> {
  const late = AbortSignal.timeout(ms)
  try {
    await demand.until(start, late)
    return true
  } catch (error) {
    demand.release()
    if (late.aborted) return false
    throw error
  }
}

/** @throws FerryError `timeout`, and the error of the download; the demand is then released */
export async function begun(demand: DownloadReader, firstByteMs: number): Promise<void> {
  try {
    if (await demand.begun(firstByteMs)) return
    const { url } = demand.info
    const message = `No byte came within ${firstByteMs} ms. ${hostOf(url)} or a host that it names does not answer.`
    throw new FerryError('timeout', message, { url, retryable: true })
  } catch (error) {
    demand.release()
    throw error
  }
}

/** Bytes per part, of which up to three are in memory: opening the file for each costs as much as reading one or two MB. */
const partLength = 4 * 2 ** 20

/** A body that is not read for this time does not keep a download running, milliseconds. */
const unreadMs = 3000

/**
 * The body of a response whose file is still in transfer. It ends only after the last byte was released; otherwise it
 * errors, and never closes early. Cancelling it releases the demand. While one part is delivered, the next one is
 * read. A page may drop a response without cancelling it, so a body that is not read releases its demand too, and
 * renews it when it is read again. Two failed demands are repeated once: for a file that changed on its server before
 * any byte was read, and for one that was refused to the reader that began its load, which may have another
 * credential.
 *
 * @param again renews the demand, given the bytes read so far and the position of the next one
 * @param idleMs longest time without reads, milliseconds
 * @param copied whether the consumer copies each part before it asks for the next one, as browsers do with a service
 *   worker's response: then its memory is freed at once
 */
export function readerStream(
  first: DownloadReader,
  range: ByteRange,
  again: (before: Delivered, position: number) => Promise<DownloadReader>,
  idleMs: number = unreadMs,
  copied?: boolean,
  url: string = first.info.url,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let demand = first
  let position = range.start
  let ahead: Promise<Uint8Array<ArrayBuffer>> | undefined
  let given: Uint8Array<ArrayBuffer> | undefined
  let idle: ReturnType<typeof setTimeout> | undefined
  let rests = false
  let restarted = false
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
    const end = Math.min(range.end, allowed, start + partLength)
    const bytes = await demand.read(start, end)
    const { url } = demand.info
    if (bytes.length !== end - start)
      throw new FerryError('storage', 'Stored bytes are missing.', { url, retryable: true })
    return bytes
  }
  const resume = async (): Promise<void> => {
    demand = await again(demand.taken, position)
    rests = false
    if (abort.signal.aborted) demand.release()
  }
  const pull = async (
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): Promise<void> => {
    clearTimeout(idle)
    if (given) free(given)
    try {
      if (rests) await resume()
      if (position < range.end) {
        const bytes = await (ahead ?? read(position))
        // Bytes that were read ahead may have been recalled; then this throws.
        if (ahead) await demand.until(position, abort.signal)
        position += bytes.length
        ahead = position < range.end ? read(position) : undefined
        // The next pull gets its error.
        ahead?.catch(() => undefined)
        if (copied) given = bytes
        controller.enqueue(bytes)
      }
      if (position < range.end) return wait()
      end()
      controller.close()
    } catch (error) {
      end()
      if (abort.signal.aborted) return
      const { taken, info } = demand
      const failed = error instanceof FerryError && failsElsewhere(error, info.url === url)
      const restarts = (taken.joined && failed) || (position === range.start && isChanged(error))
      if (restarted || !restarts) return controller.error(error)
      restarted = true
      rest()
      await pull(controller)
    }
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: wait,
      pull,
      cancel(reason) {
        abort.abort(reason)
        end()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Whether a load failed for a reason that may not hold for a reader that joined it, with its own credential and its own URL. */
function failsElsewhere({ code, status = 0 }: FerryError, sameUrl: boolean): boolean {
  if ([401, 403].includes(status)) return true
  return !sameUrl && ['network', 'timeout', 'http', 'not-found', 'expired-url'].includes(code)
}

/**
 * Frees the memory of bytes now: the garbage collector waits for tens of MB. `ArrayBuffer.transfer(0)` would detach them,
 * but Chromium keeps its own reference.
 */
function free({ buffer }: Uint8Array<ArrayBuffer>): void {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  // Its consumer may have detached it.
  if (buffer.byteLength > 0) port1.postMessage(0, [buffer])
  port1.close()
}

type Body = ReadableStream<Uint8Array<ArrayBuffer>>

/** Bytes per part: reading them takes about as long as opening the file again. */
const heldPartLength = 4 * 2 ** 20

/**
 * The same body, for a realm that must be kept alive while it is read.
 *
 * @param body a file, or a body that this realm feeds
 * @param whileRead receives a promise that settles when the body ended, failed or was cancelled
 */
export function heldBody(body: Blob | Body, whileRead: (reading: Promise<void>) => void): Body {
  const reader = (body instanceof Blob ? fileStream(body) : body).getReader()
  let over: (() => void) | undefined
  whileRead(new Promise((resolve) => (over = resolve)))
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

/** Faster in WebKitGTK 2.50 than the file's own stream. */
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
