import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { sha256 } from './sha256.ts'
import { closeServer, listenLocally } from './local-server.ts'

/** A static server that follows RFC 9110, its recommendations included. */
export interface PlainServer {
  /** Without a trailing slash. */
  readonly url: string
  /** Requests that reached it, except preflights. */
  readonly served: { readonly method: string; bytes: number }[]
  /** Whether every connection is cut, like without a network. */
  cut: boolean
  close(): Promise<void>
}

/** Bytes that are written to the connection at once. */
const partLength = 65_536

/** CORS headers for pages of any origin, with and without credentials. */
function openTo({ headers }: IncomingMessage): Record<string, string> {
  return {
    'access-control-allow-origin': headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, PURGE',
    'access-control-expose-headers':
      'accept-ranges, content-encoding, content-length, content-range, etag, vary',
    // The browser's own cache must not answer. Requests that bypass it get a cacheable response.
    'cache-control': headers['cache-control'] === undefined ? 'no-store' : 'max-age=3600',
  }
}

/**
 * Starts the server on a free local port, open to pages of any origin.
 *
 * @param files by path, with a leading slash; those under `/private/` require a cookie `pass`
 */
export async function startPlainServer(
  files: ReadonlyMap<string, Uint8Array>,
): Promise<PlainServer> {
  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    sent: (bytes: number) => void,
  ): void => {
    const { method = '', headers } = request
    const path = pathOf(request.url)
    const open = openTo(request)
    const end = (status: number, more: Record<string, string> = {}, body?: Uint8Array): void => {
      const length = { 'content-length': String(body?.length ?? 0) }
      const bodyless = method === 'HEAD' || status === 304
      response.writeHead(status, { ...open, ...(status === 304 ? {} : length), ...more })
      if (bodyless || body === undefined) response.end()
      // Rejects when the client disconnects.
      else void pipeline(partsOf(body, sent), response).catch(() => undefined)
    }
    if (method !== 'GET' && method !== 'HEAD') return end(405, { allow: 'GET, HEAD' })
    if (path === undefined) return end(400)
    if (path.startsWith('/private/') && !/\bpass=/.test(headers.cookie ?? '')) return end(401)
    const bytes = files.get(path)
    if (bytes === undefined) return end(404, {}, new TextEncoder().encode('There is no such file.'))
    const etag = `"${sha256(bytes)}"`
    const about = { etag, 'accept-ranges': 'bytes', 'content-type': typeOf(path) }
    const same = headers['if-match']?.split(',').map((tag) => tag.trim())
    if (same && !same.includes(etag) && !same.includes('*')) return end(412)
    if (knows(headers['if-none-match'], etag)) return end(304, about)
    const range = method === 'GET' ? rangeOf(headers, etag, bytes.length) : undefined
    if (range === undefined) return end(200, about, bytes)
    const [first, last] = range
    if (first >= bytes.length || last < first)
      return end(416, { ...about, 'content-range': `bytes */${bytes.length}` })
    const place = `bytes ${first}-${last}/${bytes.length}`
    return end(206, { ...about, 'content-range': place }, bytes.subarray(first, last + 1))
  }
  const served: { method: string; bytes: number }[] = []
  const server = createServer((request, response) => {
    if (plain.cut) request.destroy()
    else if (request.headers['access-control-request-method'] !== undefined)
      response.writeHead(204, openTo(request)).end()
    else {
      const entry = { method: request.method ?? '', bytes: 0 }
      served.push(entry)
      answer(request, response, (bytes) => (entry.bytes += bytes))
    }
  })
  const port = await listenLocally(server)
  const plain: PlainServer = {
    url: `http://127.0.0.1:${port}`,
    served,
    cut: false,
    close: () => closeServer(server),
  }
  return plain
}

/** @returns undefined for invalid escapes */
function pathOf(url = '/'): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://plain').pathname)
  } catch {
    return undefined
  }
}

/** In parts, so that only sent bytes of an aborted body are counted. */
function* partsOf(body: Uint8Array, sent: (bytes: number) => void): Iterable<Uint8Array> {
  for (let at = 0; at < body.length; at += partLength) {
    const part = body.subarray(at, at + partLength)
    sent(part.length)
    yield part
  }
}

/** @returns first and last byte; undefined when the whole file is the answer, as for several ranges */
function rangeOf(
  headers: IncomingMessage['headers'],
  etag: string,
  size: number,
): readonly [first: number, last: number] | undefined {
  const condition = headers['if-range']
  if (condition !== undefined && condition !== etag) return undefined
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '')
    return last === '0' ? [size, size] : [Math.max(0, size - Number(last)), size - 1]
  if (last !== '' && Number(last) < Number(first)) return undefined
  return [Number(first), last === '' ? size - 1 : Math.min(size - 1, Number(last))]
}

/** Weak comparison, as specified for If-None-Match. */
function knows(condition: string | undefined, etag: string): boolean {
  const tags = (condition ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}

function typeOf(path: string): string {
  return path.endsWith('.json') ? 'application/json' : 'application/octet-stream'
}
