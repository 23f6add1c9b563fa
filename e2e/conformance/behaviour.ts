import type { IncomingMessage, ServerResponse } from 'node:http'

/** A file is requested for the first time, then again, then offline. */
export const visits = ['first', 'second', 'offline'] as const
export type Visit = (typeof visits)[number]

/**
 * The origin of the server: the page's own, or another one, which hides all headers that CORS does not expose by
 * default (`hidden`), or exposes them (`exposed`). `hub` is a real hub behind proxies.
 */
export type Place = 'same' | 'hidden' | 'exposed' | 'hub'

/** A request that reached a server, with what the server knows about it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The true bytes at this visit. */
  readonly file: Buffer
  /** Strong and quoted; differs for different bytes. */
  readonly etag: string
  /** Number of requests for this path so far, including this one; preflights do not count. */
  readonly nth: number
  readonly visit: Visit
  /** With query. */
  readonly path: string
  /** Without a trailing slash. */
  readonly origin: string
}

/** What a page adds to a request. */
type RequestOptions = Pick<RequestInit, 'credentials' | 'redirect' | 'cache'> & {
  readonly headers?: Readonly<Record<string, string>>
}

/** A plain server with one specific behaviour. */
export interface Behaviour {
  /** Lower case with hyphens: it becomes part of URLs. */
  readonly name: string
  readonly place: Place
  /** Last segment of the URL. Default: `model.onnx`. */
  readonly fileName?: string
  /** Size of the file in bytes. Default: 200 000. */
  readonly size?: number
  /** Whether the file has different bytes from the second visit on. */
  readonly changes?: true
  /** Whether the old bytes stay valid for a while, as the first response declared. */
  readonly fresh?: true
  /** Whether the ETag is unrelated to the bytes: it differs for each request. */
  readonly unstableEtag?: true
  /** Replaces the made-up bytes: the bytes that the page receives at a visit, by the request's headers. */
  readonly truth?: (visit: Visit, headers: IncomingMessage['headers']) => Buffer
  /** Further correct bytes at the first visit: the file after a change during the load. */
  readonly alsoTrue?: (file: Buffer) => Buffer
  /** Added to every request of the page, or to those of a visit. */
  readonly init?: RequestOptions | ((visit: Visit) => RequestOptions)
  /** Query added to the URL at a visit, such as a signature. */
  readonly query?: (visit: Visit) => string
  /** Cookie `name=value` that the page has at a visit. An empty value deletes it. */
  readonly cookie?: (visit: Visit) => string
  /** Whether its hub is asked for the file of a commit. */
  readonly pinned?: true
  /** Whether its first response says that the file never changes, so that a second visit asks for nothing. */
  readonly final?: true
  /** Names of the requests that are sent to it; default: a few representative ones. */
  readonly requests?: readonly string[] | 'all'
  /** Allowed delay after the plain response, milliseconds, if it differs from the default. */
  readonly boundMs?: number
  /** Bytes that modelferry may fetch, as a multiple of the file's size, if it differs from the default. */
  readonly mostTimesSize?: number
  /** Whether its answers to ranges cannot be joined to a file, so that a cut or cancelled load starts again. */
  readonly badRanges?: true
  /** Whether it compresses bodies. */
  readonly packs?: true
  /** Whether it cuts a body once. */
  readonly cuts?: true
  /** Answers requests to a plain server. */
  answer(exchange: Exchange): void
  /** Answers instead of the hub or its storage. Returns false to forward the request. */
  readonly spoil?: (exchange: HubExchange) => boolean
  /** Headers to replace in a response of the hub; undefined: removed. */
  readonly retell?: (exchange: HubExchange) => Readonly<Record<string, string | undefined>>
  /** Whether the hub also has another file of the same size: `twin.onnx` beside it. */
  readonly twin?: true
  /** Origin in reconstructions of the hub instead of its storage. */
  readonly storageOrigin?: string
  /** Origin in token answers of the hub instead of its CAS. */
  readonly casOrigin?: string
  /**
   * Whether page and workers have a Content-Security-Policy that lets them connect to hubs only. The hub then sends files
   * itself, without a redirect to its storage.
   */
  readonly policy?: true
}

/** A request on its way to a hub or to its storage. */
export interface HubExchange extends Pick<
  Exchange,
  'request' | 'response' | 'nth' | 'visit' | 'path' | 'origin'
> {
  readonly kind: 'resolve' | 'token' | 'reconstruction' | 'xorb' | 'other'
}

/** First byte and the byte after the last one; undefined unless a single satisfiable range is requested. */
export function rangeOf(
  { headers }: IncomingMessage,
  size: number,
): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  return start < end ? { start, end } : undefined
}

/** Answers as RFC 9110 specifies, including ranges, conditions and HEAD. */
export function send(
  { request, response, etag, file }: Exchange,
  more: Readonly<Record<string, string | undefined>> = {},
  body: Buffer = file,
): void {
  const { method, headers } = request
  const about = { etag, 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' }
  const all = defined({ ...about, ...more })
  const tag = all['etag']
  if (tag !== undefined && headers['if-none-match'] === tag) {
    response.writeHead(304, all).end()
    return
  }
  const current = headers['if-range'] === undefined || headers['if-range'] === tag
  const asked = method === 'GET' && current ? headers.range : undefined
  const range = asked === undefined ? undefined : rangeOf(request, body.length)
  if (asked !== undefined && range === undefined && /^bytes=(\d+-\d*|-\d+)$/.test(asked)) {
    response.writeHead(416, { ...all, 'content-range': `bytes */${body.length}` }).end()
    return
  }
  if (range === undefined) {
    response.writeHead(200, { ...all, 'content-length': body.length })
    response.end(method === 'HEAD' ? undefined : body)
    return
  }
  sendPart({ response }, body, range, all)
}

/** Answers 206 to any request. */
export function sendPart(
  { response }: Pick<Exchange, 'response'>,
  body: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(206, {
    'content-range': `bytes ${start}-${end - 1}/${body.length}`,
    'content-length': end - start,
    ...more,
  })
  response.end(body.subarray(start, end))
}

/** Answers with an HTML page instead of a file, as networks and apps do. */
export function sendPage({ response }: Pick<Exchange, 'response'>, status: number = 200): void {
  const text = '<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>'
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text)
}

/** Answers with a status and no body. */
export function refuse(
  { response }: Pick<Exchange, 'response'>,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-length': '0', ...headers }).end()
}

function defined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
