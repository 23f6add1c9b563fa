// Failures as typed errors, and small bodies that are read without trusting their length.
import { FerryError, redactSecrets, type FerryErrorCode } from '../core/index.ts'

/** Whether a status may be transient: 408, 429 and 5xx, but not 501. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 599 && status !== 501)
}

/** Limits for reading the body of a refusal: bytes, and milliseconds. */
const wordsLimit = 4096
const wordsMs = 1000

/**
 * Turns an unsuccessful response into an error that names the host and what it said. Reads the begin of the body, and
 * cancels the rest.
 *
 * @param what name of the request, for the message: "The read token"
 * @param url the requested URL; after a redirect, or behind `endpoints`, the response names another host
 */
export async function httpError(
  what: string,
  response: Response,
  url: string,
): Promise<FerryError> {
  const begin = await readAtMost(response, wordsLimit, wordsMs).catch(() => undefined)
  const { status, headers } = response
  return refusalError(what, { status, headers, body: begin?.bytes }, response.url || url)
}

/** A refusal whose body was read. */
interface ReadRefusal {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Iterable<readonly [string, string]>
  readonly body?: Uint8Array | undefined
}

/** The same as {@link httpError} for a refusal whose body was read. */
export function refusalError(what: string, refusal: ReadRefusal, url: string): FerryError {
  const { status, headers } = refusal
  const errorCode = new Map(headers).get('x-error-code')?.slice(0, 100)
  const message = `${what} did not come: ${hostOf(url)} answered ${describeRefusal(refusal)}. ${advice(status)}`
  return new FerryError(codes[status] ?? 'http', message, {
    status,
    url,
    retryable: isTransient(status),
    errorCode,
  })
}

/** Longest quotation of a server, characters. */
const quoteLimit = 200
const textPatterns = [
  // In the bodies of S3-compatible storage, of proxies and captive portals, and of hubs.
  /<Code>([^<]*)<\/Code>(?:\s*<Message>([^<]*))?/i,
  /<title[^>]*>([^<]*)/i,
  /"(?:error|message|detail)"\s*:\s*"((?:[^"\\]|\\.)*)"/,
]

/** Status and words of a refusal, without secrets: `403 (AccessDenied: Request has expired)`. */
export function describeRefusal({ status, headers, body }: ReadRefusal): string {
  const text = new TextDecoder().decode(body?.subarray(0, wordsLimit))
  const found = textPatterns.map((each) => each.exec(text)).find((each) => each !== null)
  const words =
    new Map(headers).get('x-error-message') ?? found?.slice(1).filter(Boolean).join(': ') ?? ''
  // Tokens, keys and digests; words are shorter.
  const plain = words
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\w-]{32,}/g, '[redacted]')
  const quoted = redactSecrets(plain).slice(0, quoteLimit)
  return `${status}${quoted ? ` (${quoted})` : ''}`
}

/** The host of a URL, for messages. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the server'
}

const codes: Readonly<Record<number, FerryErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
}

function advice(status: number): string {
  if (status === 401) return 'Give a token for this origin, or a newer one.'
  if (status === 403)
    return 'Ask for access to the repository, or give a token that has it, or a fresh signed URL.'
  if (status === 404) return 'Check repository, revision and file name.'
  return isTransient(status) ? 'Try again later.' : 'The server does not offer this.'
}

/**
 * Wraps a failure of `fetch` or of a body. Platforms report every cause (DNS, TLS, CORS, an aborted connection) as
 * the same opaque TypeError.
 *
 * @param connection when it is aborted, its reason is the real cause
 */
export function networkError(error: unknown, connection: AbortSignal, url: string): unknown {
  if (connection.aborted) return connection.reason
  if (error instanceof FerryError) return error
  return noAnswerError(url, error, true)
}

export function noAnswerError(url: string, cause: unknown, retryable: boolean = false): FerryError {
  // Node 20 has no navigator.
  const offline = 'navigator' in globalThis && !(navigator.onLine ?? true)
  const why = offline
    ? ': the device is offline, and does not hold the whole file'
    : ', or an answer cut short. Check the connection and whether the server allows this origin (CORS)'
  const message = `No answer from ${hostOf(url)}${why}.`
  return new FerryError('network', message, { retryable, url, cause })
}

/** The `errorCode` for a request that continues although its host takes unusually long to answer. */
export const noAnswer = 'NoAnswer'

/** @param missing what did not happen: "No byte came" */
export function timeoutError(
  missing: string,
  ms: number,
  url: string,
  errorCode?: string,
): FerryError {
  const message = `${missing} from ${hostOf(url)} within ${ms} ms. The network or the server is too slow: try again.`
  return new FerryError('timeout', message, {
    retryable: true,
    url,
    ...(errorCode && { errorCode }),
  })
}

/** The first bytes of a body; the rest and its connection are cancelled. */
interface BodyPrefix {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether the body was longer. */
  readonly cut: boolean
}

/**
 * Reads a small body without trusting its length.
 *
 * @param limit bytes
 * @param ms the body is cancelled after this time, milliseconds; what has come is returned
 * @throws the error of the body
 */
export async function readAtMost(
  response: Response,
  limit: number,
  ms?: number,
): Promise<BodyPrefix> {
  if (response.body === null) return { bytes: new Uint8Array(), cut: false }
  let bytes = new Uint8Array(0)
  let length = 0
  const reader = response.body.getReader()
  // A locked body cannot be cancelled by others. The read in progress ends as at the body's end.
  const late =
    ms === undefined ? undefined : setTimeout(() => void reader.cancel().catch(() => undefined), ms)
  try {
    while (length <= limit) {
      const { done, value } = await reader.read()
      if (done) break
      // Not by a Blob: to make and read one is three messages to the browser's process.
      if (length + value.length > bytes.length) {
        const before = bytes
        bytes = new Uint8Array(2 * length + value.length)
        bytes.set(before)
      }
      bytes.set(value, length)
      length += value.length
    }
  } finally {
    clearTimeout(late)
  }
  // Not awaited: the cancel of a cloned body ends only when its original is cancelled too.
  if (length > limit) void reader.cancel().catch(() => undefined)
  return { bytes: bytes.slice(0, Math.min(length, limit)), cut: length > limit }
}

/**
 * @param what name of the response, for the message
 * @param limit bytes; a larger response is refused
 * @throws FerryError `protocol` when it is too large or not JSON
 */
export async function readJson(what: string, response: Response, limit: number): Promise<unknown> {
  const { bytes, cut } = await readAtMost(response, limit)
  const fault = (why: string): FerryError =>
    new FerryError('protocol', `${what} ${why}. Check that the address is a hub or its storage.`, {
      url: response.url,
      status: response.status,
    })
  if (cut) throw fault(`is longer than ${limit} bytes`)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // The parser's own message quotes the text, which may contain tokens and signatures.
    throw fault(`is not JSON (${bytes.length} bytes)`)
  }
}
