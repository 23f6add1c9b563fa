import type { IncomingMessage, ServerResponse } from 'node:http'

/** A file is asked for the first time, then again, then without a network. */
export const visits = ['first', 'second', 'offline'] as const
export type Visit = (typeof visits)[number]

/**
 * Whose server it is: the page's own origin, or another one, which hides from pages all headers that CORS
 * does not expose by itself, or exposes them. The last one is a real hub behind proxies.
 */
export type Place = 'same' | 'hidden' | 'exposed' | 'hub'

/** A request that reached a server, and what the server knows about it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The true bytes at this visit. */
  readonly file: Buffer
  /** Strong, quoted, and another one for other bytes. */
  readonly etag: string
  /** How often this path was asked for, this request included; preflights do not count. */
  readonly nth: number
  readonly visit: Visit
  /** With query. */
  readonly path: string
  /** Without a slash at its end. */
  readonly origin: string
}

/** A plain server that behaves in one way. */
export interface Behaviour {
  /** Lower case with hyphens: it becomes a part of addresses. */
  readonly name: string
  readonly place: Place
  /** Last part of the address. Default: `model.onnx`. */
  readonly fileName?: string
  /** Of the file in bytes. Default: 200 000. */
  readonly size?: number
  /** Whether the file has other bytes from the second visit on. */
  readonly changes?: true
  /** Whether the old bytes stay right for a while: the first answer said so. */
  readonly fresh?: true
  /** Whether the ETag says nothing of the bytes: it is another one for each request. */
  readonly unstableEtag?: true
  /** Replaces the made-up bytes: what the page is given at a visit, by the request's headers. */
  readonly truth?: (visit: Visit, headers: IncomingMessage['headers']) => Buffer
  /** Further bytes that are right at the first visit: the file as it is after a change in mid-load. */
  readonly alsoTrue?: (size: number) => Buffer
  /** Added to every request of the page. */
  readonly init?: Pick<RequestInit, 'credentials' | 'redirect' | 'cache'> & {
    readonly headers?: Readonly<Record<string, string>>
  }
  /** Added to the address at a visit, such as a signature. */
  readonly query?: (visit: Visit) => string
  /** Cookie `name=value` that the page has at a visit. An empty value deletes it. */
  readonly cookie?: (visit: Visit) => string
  /** Names of the requests that it is asked by; default: a few that stand for all. */
  readonly requests?: readonly string[] | 'all'
  /** A longest time over the plain answer that differs from the usual one, milliseconds. */
  readonly boundMs?: number
  /** Answers what reaches a plain server. */
  answer(exchange: Exchange): void
  /** Answers in place of the hub or its storage. Returns false for what goes on to them. */
  readonly spoil?: (exchange: HubExchange) => boolean
  /** Headers to replace in an answer of the hub; undefined: left out. */
  readonly retell?: (exchange: HubExchange) => Readonly<Record<string, string | undefined>>
  /** Where reconstructions of the hub lead to in place of its storage. */
  readonly storageOrigin?: string
}

/** A request on its way to a hub or to its storage. */
export interface HubExchange extends Pick<
  Exchange,
  'request' | 'response' | 'nth' | 'visit' | 'path' | 'origin'
> {
  readonly kind: 'resolve' | 'token' | 'reconstruction' | 'xorb' | 'other'
}

/** First byte and the byte behind the last one; undefined unless a single satisfiable range is asked for. */
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

/** Answers as RFC 9110 says, ranges, conditions and HEAD included. */
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

/** Answers 206, whatever was asked for. */
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

/** Answers with a page, as networks and apps do where a file was expected. */
export function sendPage({ response }: Pick<Exchange, 'response'>, status: number = 200): void {
  const text = '<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>'
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text)
}

/** Answers without a body. */
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
