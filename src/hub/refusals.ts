import { FerryError } from '../core/index.ts'

/**
 * Thrown by whatever finds that a request cannot be served; becomes the answer. `code` is the
 * `X-Error-Code` of the hub, where it has one.
 */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal'
  readonly status: number
  readonly code: string | undefined
  readonly headers: Readonly<Record<string, string>>

  /**
   * @param status HTTP status, 400 to 599
   * @param message what is wrong and, where it helps, what would be right; reaches the client
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
 * The refusal of a path that a revision does not hold.
 *
 * @param path what was asked for
 * @param commit id of the revision
 */
export function entryNotFound(path: string, commit: string): HubRefusal {
  return new HubRefusal(404, `Entry not found: ${path}`, 'EntryNotFound', {
    'x-repo-commit': commit,
  })
}

/**
 * A JSON answer that no cache keeps.
 *
 * @param value what to serialise
 * @param status HTTP status; default 200
 * @param headers further headers; they win over the defaults
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
 * The answer to a request that failed: JSON `{ error }`, plus the two headers hub clients decide by.
 *
 * @param error what was thrown; a `protocol` or `integrity` error of the codec is the sender's fault (400),
 *   anything unknown is ours (500) and says nothing about itself, since its text may hold paths
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
 * A refusal of presigned storage: an XML body, as object stores write it.
 *
 * @param message what is wrong with the URL or the range; must hold no markup
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
 * The refusal of stored bytes that are damaged or gone. Its URL was signed for bytes that were there: 403 and 404 would
 * make clients ask for another URL, again and again.
 */
export function damagedRefusal(): Response {
  return storageRefusal('The stored object is damaged. Upload it again', 'InternalError', 500)
}
