// Apart from plain-fetch.ts, which takes responses, because file-source.ts names the type and is imported there: together
// they would be a circle. FileInfos holds a response here when it has asked what a URL is.
import type { Clock } from '../core/index.ts'
import type { FileInfo } from '../protocol/index.ts'

/** How long a response waits for the download that reads it, milliseconds. */
const openMs = 1000

/**
 * Responses to the first question about large files of plain servers, with unread bodies. A download that starts soon
 * reads the response for its file, so that the file is not requested twice.
 */
export class OpenResponses {
  readonly #open = new Map<string, { response: Response; connection: AbortController }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param connection ends the response when no download takes it in time */
  hold({ content }: FileInfo, response: Response, connection: AbortController): void {
    this.#open.get(content)?.connection.abort()
    const held = { response, connection }
    this.#open.set(content, held)
    const late = (): void => {
      if (this.#open.get(content) !== held) return
      this.#open.delete(content)
      connection.abort()
    }
    this.#clock.sleep(openMs, connection.signal).then(late, () => undefined)
  }

  /** @param signal of the download: ends the response from now on */
  take(content: string, signal: AbortSignal): Response | undefined {
    const held = this.#open.get(content)
    this.#open.delete(content)
    if (held === undefined) return undefined
    const end = (): void => held.connection.abort(signal.reason)
    signal.addEventListener('abort', end, { once: true })
    return held.response
  }
}
