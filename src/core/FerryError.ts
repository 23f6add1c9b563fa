import type { FerryErrorCode } from './FerryErrorCode.ts'
import { redactUrl } from './redactUrl.ts'

/** What a {@link FerryError} may carry besides its code and message. */
export interface FerryErrorOptions {
  /** Whether the same call may succeed later without anything being changed. Default: false. */
  retryable?: boolean
  /** The address concerned; its query and credentials are dropped. */
  url?: string
  /** HTTP status, where there was one. */
  status?: number
  /** `X-Error-Code` of the hub, where there was one. */
  errorCode?: string
  cause?: unknown
}

/**
 * The one error of modelferry. Decide by `code`, never by `instanceof`: structured clone drops the class
 * when an error crosses a realm. (Within a realm `instanceof` knows those of other copies of this class, too: a
 * service worker and the engine that it imports have one each.)
 *
 * @example
 * try { await ferry.prefetch([url]) } catch (error) { if (error.code === 'quota') showRoomNeeded() }
 */
export class FerryError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'FerryError'
  }

  override readonly name = 'FerryError'
  readonly code: FerryErrorCode
  readonly retryable: boolean
  /** Without query, fragment and credentials. */
  readonly url: string | undefined
  readonly status: number | undefined
  readonly errorCode: string | undefined

  /**
   * @param code what happened
   * @param message one or two sentences: what happened, with the value seen, and what to do
   * @param options context
   */
  constructor(code: FerryErrorCode, message: string, options: FerryErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.url = options.url === undefined ? undefined : redactUrl(options.url)
    this.status = options.status
    this.errorCode = options.errorCode
  }
}
