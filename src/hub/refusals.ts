import { FerryError } from '../core/index.ts'

/**
 * An error that becomes the response of a request. `code` is the `X-Error-Code` of the hub, if it has one.
 */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal'
  readonly status: number
  readonly code: string | undefined
  readonly headers: Readonly<Record<string, string>>

  /**
   * @param status HTTP status, 400 to 599
   * @param message the fault and, if it helps, the remedy; sent to the client
   * @param code value of `X-Error-Code`
   * @param headers further headers
   */
  constructor(
    status: number,
    message: string,
    code?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/**
 * The refusal of a path that does not exist in a revision.
 *
 * @param path the requested path
 * @param commit id of the revision
 */
export function entryNotFound(path: string, commit: string): HubRefusal {
  return new HubRefusal(404, `Entry not found: ${path}`, 'EntryNotFound', {
    'x-repo-commit': commit,
  })
}

/**
 * A JSON response that must not be cached.
 *
 * @param value what to serialise
 * @param status HTTP status; default 200
 * @param headers further headers; they override the defaults
 */
export function jsonAnswer(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = new TextEncoder().encode(JSON.stringify(value))
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(body.byteLength),
      'cache-control': 'no-store',
      ...headers,
    },
  })
}

/**
 * The response to a failed request: JSON `{ error }`, and the two headers that hub clients use.
 *
 * @param error thrown value; a `protocol` or `integrity` error of the codec is the sender's fault (400), any unknown
 * error is the hub's (500) without details, because its text may contain paths
 */
export function refusalAnswer(error: unknown): Response {
  const refusal = toRefusal(error)
  return jsonAnswer({ error: refusal.message }, refusal.status, {
    // HTTP header values are Latin-1 without controls; messages may quote what was sent.
    'x-error-message': refusal.message.replaceAll(/[^\u0020-\u007e]/g, '?'),
    ...(refusal.code === undefined ? {} : { 'x-error-code': refusal.code }),
    ...refusal.headers,
  })
}

function toRefusal(error: unknown): HubRefusal {
  if (error instanceof HubRefusal) return error
  if (error instanceof FerryError && (error.code === 'protocol' || error.code === 'integrity')) {
    return new HubRefusal(400, error.message)
  }
  return new HubRefusal(500, 'The hub failed to answer this request.')
}

/**
 * A refusal of presigned storage: an XML body, like that of object stores.
 *
 * @param message what is wrong with the URL or the range; must contain no markup
 * @param code the store's error code
 * @param status HTTP status; default 403
 * @param headers further headers
 */
export function storageRefusal(
  message: string,
  code = 'AccessDenied',
  status = 403,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  )
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/xml',
      'content-length': String(body.byteLength),
      'cache-control': 'no-store',
      ...headers,
    },
  })
}

/**
 * The refusal for damaged or missing stored bytes. Its URL was signed for existing bytes: 403 and 404 would make
 * clients request new URLs again and again.
 */
export function damagedRefusal(): Response {
  return storageRefusal('The stored object is damaged. Upload it again', 'InternalError', 500)
}
