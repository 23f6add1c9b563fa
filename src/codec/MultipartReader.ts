import type { ContentRange } from './ContentRange.ts'
import { malformedMultipart } from './malformedMultipart.ts'
import type { MultipartEvent } from './MultipartEvent.ts'
import { parseContentRange } from './parseContentRange.ts'

/** Between two bodies, in bytes: the delimiter and all headers of a part; also the text before the first. */
const LONGEST_TEXT = 16_384
const LINE_FEED = 0x0a

/**
 * Reads a `multipart/byteranges` body, cut anywhere, as it arrives. A part's length comes from its
 * Content-Range, so bytes that look like a delimiter do no harm, and nothing but a part's headers is held.
 *
 * Servers may send the parts in any order, and join them: match them by their range.
 * After an error the reader stays broken and repeats that error.
 *
 * @example
 * const reader = new MultipartReader(parseBoundary(response.headers.get('content-type')))
 * for await (const part of response.body) for (const event of reader.push(part)) take(event)
 * reader.finish()
 * @see RFC 9110 section 14.6, RFC 2046 section 5.1.1
 */
export class MultipartReader {
  readonly #delimiter: string
  #state: 'preamble' | 'headers' | 'body' | 'after body' | 'delimiter' | 'end' = 'preamble'
  #line = ''
  #textBytes = 0
  #contentRange: ContentRange | undefined
  #remaining = 0
  #failure: unknown

  /** @param boundary from `parseBoundary` */
  constructor(boundary: string) {
    this.#delimiter = `--${boundary}`
  }

  /**
   * Takes the next bytes.
   *
   * @param part any number of bytes; the events hold views of it
   * @returns what became known, in order; bytes belong to the part announced last
   * @throws FerryError `protocol` when the body is malformed
   */
  push(part: Uint8Array): MultipartEvent[] {
    if (this.#failure !== undefined) throw this.#failure
    const events: MultipartEvent[] = []
    try {
      // What follows the last delimiter means nothing.
      for (let at = 0; at < part.length && this.#state !== 'end';) {
        at =
          this.#state === 'body'
            ? this.#takeBody(part, at, events)
            : this.#takeText(part, at, events)
      }
    } catch (error) {
      this.#failure = error
      throw error
    }
    return events
  }

  /**
   * Says that no more bytes will come.
   *
   * @throws FerryError `protocol` when the last delimiter was not seen, or the error of an earlier push
   */
  finish(): void {
    if (this.#failure !== undefined) throw this.#failure
    const closed = this.#state === 'delimiter' && this.#kindOf(this.#line) === 'close'
    if (this.#state !== 'end' && !closed) {
      const missing =
        this.#state === 'body' ? `, ${this.#remaining} bytes before the part does` : ''
      throw malformedMultipart(`it ends in the state "${this.#state}"${missing}`)
    }
  }

  #takeBody(part: Uint8Array, at: number, events: MultipartEvent[]): number {
    const end = Math.min(part.length, at + this.#remaining)
    events.push({ type: 'bytes', bytes: part.subarray(at, end) })
    this.#remaining -= end - at
    if (this.#remaining === 0) this.#state = 'after body'
    return end
  }

  #takeText(part: Uint8Array, at: number, events: MultipartEvent[]): number {
    while (at < part.length) {
      const byte = part[at++]!
      if (++this.#textBytes > LONGEST_TEXT) {
        throw malformedMultipart(`more than ${LONGEST_TEXT} bytes come before the next part`)
      }
      if (byte !== LINE_FEED) {
        this.#line += String.fromCharCode(byte)
        continue
      }
      const line = this.#line.slice(0, -1)
      if (!this.#line.endsWith('\r') || line.includes('\r')) {
        throw malformedMultipart(`the line ${shown(this.#line)} does not end with CRLF`)
      }
      this.#line = ''
      this.#takeLine(line, events)
      return at
    }
    return at
  }

  #takeLine(line: string, events: MultipartEvent[]): void {
    if (this.#state === 'headers') {
      if (line === '') this.#beginBody(events)
      else this.#takeHeader(line)
    } else if (this.#state === 'after body') {
      if (line !== '')
        throw malformedMultipart(`a part goes on with ${shown(line)} after its range`)
      this.#state = 'delimiter'
    } else {
      const kind = this.#kindOf(line)
      if (kind === 'open') this.#state = 'headers'
      else if (this.#state === 'preamble') {
        if (kind === 'close') throw malformedMultipart('it has no parts')
      } else if (kind === 'close') this.#state = 'end'
      else throw malformedMultipart(`a delimiter was expected instead of ${shown(line)}`)
    }
  }

  #takeHeader(line: string): void {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) {
      throw malformedMultipart(`${shown(line)} is no header of a part`)
    }
    if (name.toLowerCase() !== 'content-range') return
    if (this.#contentRange !== undefined) throw malformedMultipart('a part has two Content-Ranges')
    this.#contentRange = parseContentRange(value)
  }

  #beginBody(events: MultipartEvent[]): void {
    if (this.#contentRange === undefined) throw malformedMultipart('a part has no Content-Range')
    const { range, total } = this.#contentRange
    events.push({ type: 'part', range, total })
    this.#remaining = range.end - range.start
    this.#contentRange = undefined
    this.#textBytes = 0
    this.#state = 'body'
  }

  /** Spaces may follow a delimiter: RFC 2046 calls them transport padding. */
  #kindOf(line: string): 'open' | 'close' | undefined {
    const text = line.replace(/[ \t]+$/, '')
    if (text === this.#delimiter) return 'open'
    return text === `${this.#delimiter}--` ? 'close' : undefined
  }
}

function shown(line: string): string {
  return JSON.stringify(line.slice(0, 80))
}
