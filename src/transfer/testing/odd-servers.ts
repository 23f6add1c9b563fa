// Servers with unusual behaviour, one per path; each claims to serve the same file.
import http from 'node:http'
import { gzipSync } from 'node:zlib'

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void

interface Range {
  readonly start: number
  readonly end: number
}

/** Bytes without repetitions in one half; the other half are zeros, so that they can be compressed. */
export function oddBytes(size: number, seed = 5): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed
  for (let at = 0; at + 4 <= size / 2; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeInt32LE(state | 0, at)
  }
  return bytes
}

/** The same bytes but for two places, before and after the middle. */
export function partlyChanged(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  for (const at of [1000, Math.floor(bytes.length * 0.8)]) changed.fill(7, at, at + 1000)
  return changed
}

export interface OddServer {
  readonly url: (behaviour: string) => string
  /** Bytes of bodies sent, and requests answered, since the last call. */
  readonly sent: () => { bytes: number; requests: number }
  readonly close: () => Promise<void>
}

/** Two values of `Last-Modified`. */
export const dates: readonly [string, string] = [
  'Mon, 01 Jan 2024 00:00:00 GMT',
  'Tue, 02 Jan 2024 00:00:00 GMT',
]

/** @param whole the file that every behaviour serves */
export async function startOddServer(whole: Buffer): Promise<OddServer> {
  const counts = new Map<string, number>()
  let sent = { bytes: 0, requests: 0 }
  const nth = (key: string): number => {
    counts.set(key, (counts.get(key) ?? 0) + 1)
    return counts.get(key)!
  }
  const rangeOf = (request: http.IncomingMessage): Range | undefined => {
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    if (!match) return undefined
    const end = match[2] ? Number(match[2]) + 1 : whole.length
    return { start: Number(match[1]), end: Math.min(end, whole.length) }
  }
  /** Part by part, so that a body that the client cancels counts only as far as it was sent. */
  const end = (response: http.ServerResponse, body: Buffer): void => {
    const part = body.subarray(0, 2 ** 17)
    if (response.destroyed || part.length === 0) return void response.end()
    sent.bytes += part.length
    response.write(part, (error) => {
      if (!error) setImmediate(() => end(response, body.subarray(part.length)))
    })
  }
  const send = (
    request: http.IncomingMessage,
    response: http.ServerResponse,
    body: Buffer,
    headers: http.OutgoingHttpHeaders = {},
    shift = 0,
  ): void => {
    const range = rangeOf(request)
    const all = { 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream', ...headers }
    if (range) {
      response.writeHead(206, {
        ...all,
        'content-range': `bytes ${range.start}-${range.end - 1}/${body.length}`,
        'content-length': range.end - range.start,
      })
      const shifted = Buffer.concat([body.subarray(shift), body.subarray(0, shift)])
      end(response, (shift ? shifted : body).subarray(range.start, range.end))
    } else {
      response.writeHead(200, { ...all, 'content-length': body.length })
      end(response, body)
    }
  }
  /** Sends the beginning of the whole file, then closes the connection. */
  const cut = (response: http.ServerResponse, after: number, headers = {}): void => {
    response.writeHead(200, {
      'accept-ranges': 'bytes',
      'content-length': whole.length,
      ...headers,
    })
    sent.bytes += after
    response.write(whole.subarray(0, after), () => setTimeout(() => response.destroy(), 50))
  }
  const isCut = (key: string, request: http.IncomingMessage): boolean =>
    request.method === 'GET' && request.headers.range === undefined && nth(key) === 1
  const behaviours: Record<string, Handler> = {
    multipart(request, response) {
      const range = rangeOf(request)
      if (!range) return send(request, response, whole, { etag: '"m"' })
      const type = 'Content-Type: application/octet-stream'
      const place = `Content-Range: bytes ${range.start}-${range.end - 1}/${whole.length}`
      const body = Buffer.concat([
        Buffer.from(`\r\n--b\r\n${type}\r\n${place}\r\n\r\n`),
        whole.subarray(range.start, range.end),
        Buffer.from('\r\n--b--\r\n'),
      ])
      response.writeHead(206, { 'content-type': 'multipart/byteranges; boundary=b' })
      end(response, body)
    },
    slice200(request, response) {
      const { start, end: last } = rangeOf(request) ?? { start: 0, end: whole.length }
      response.writeHead(200, { 'accept-ranges': 'bytes', 'content-length': last - start })
      end(response, whole.subarray(start, last))
    },
    capped(request, response) {
      const range = rangeOf(request)
      if (!range) return send(request, response, whole, { etag: '"c"' })
      const last = Math.min(range.end, range.start + 2 ** 20)
      const place = `bytes ${range.start}-${last - 1}/${whole.length}`
      response.writeHead(206, { 'content-range': place, 'content-length': last - range.start })
      end(response, whole.subarray(range.start, last))
    },
    shifted: (request, response) => send(request, response, whole, { etag: '"s"' }, 3),
    pods: (request, response) =>
      send(request, response, whole, { etag: `"65f0${nth('pods') % 3}-${whole.length}"` }),
    'other-etag': (request, response) =>
      send(request, response, oddBytes(whole.length, 77), { etag: '"v2"' }),
    'other-date': (request, response) =>
      send(request, response, oddBytes(whole.length, 77), {
        'last-modified': 'Tue, 02 Jan 2024 00:00:00 GMT',
      }),
    // The following ones break the first response, so that a second one is needed.
    'cut-resumed': (request, response) =>
      isCut('cut-resumed', request)
        ? cut(response, 2_500_000, { etag: '"r"' })
        : send(request, response, whole, { etag: '"r"' }),
    'cut-shifted': (request, response) =>
      isCut('cut-shifted', request)
        ? cut(response, 2_500_000, { etag: '"s"' })
        : send(request, response, whole, { etag: '"s"' }, 3),
    'cut-pods': (request, response) => {
      const etag = `"65f0${nth('cut-pods etag') % 3}-${whole.length}"`
      if (isCut('cut-pods', request)) cut(response, 2_500_000, { etag })
      else send(request, response, whole, { etag })
    },
    'cut-changed': (request, response) =>
      isCut('cut-changed', request)
        ? cut(response, 2_500_000, { etag: '"same"' })
        : send(request, response, oddBytes(whole.length, 77), { etag: '"same"' }),
    'cut-changed-untagged': (request, response) =>
      isCut('cut-changed-untagged', request)
        ? cut(response, 2_500_000)
        : send(request, response, oddBytes(whole.length, 77)),
    'cut-changed-partly': (request, response) =>
      isCut('cut-changed-partly', request)
        ? cut(response, 2_500_000, { etag: '"same"', 'last-modified': dates[0] })
        : send(request, response, partlyChanged(whole), {
            etag: '"same"',
            'last-modified': dates[1],
          }),
    'cut-redated': (request, response) =>
      isCut('cut-redated', request)
        ? cut(response, 2_500_000, { etag: '"same"', 'last-modified': dates[0] })
        : send(request, response, whole, { etag: '"same"', 'last-modified': dates[1] }),
    'cut-weakened': (request, response) =>
      isCut('cut-weakened', request)
        ? cut(response, 2_500_000, { etag: '"same"' })
        : send(request, response, partlyChanged(whole), { etag: 'W/"same"' }),
    // A condition would need a preflight, which this storage refuses.
    'cut-elsewhere': (request, response) => {
      if (request.headers['if-range'] !== undefined) request.socket.destroy()
      else if (isCut('cut-elsewhere', request)) cut(response, 2_500_000, { etag: '"e"' })
      else send(request, response, whole, { etag: '"e"' })
    },
    longer(_, response) {
      response.writeHead(200, { 'accept-ranges': 'bytes' })
      end(response, Buffer.concat([whole, Buffer.from('more')]))
    },
    gzip(_, response) {
      const packed = gzipSync(whole, { level: 1 })
      const headers = { 'content-encoding': 'gzip', 'content-length': packed.length }
      response.writeHead(200, headers)
      end(response, packed)
    },
  }
  const server = http.createServer((request, response) => {
    sent.requests += 1
    behaviours[(request.url ?? '').slice(1)]?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: (behaviour) => `http://127.0.0.1:${port}/${behaviour}`,
    sent: () => {
      const before = sent
      sent = { bytes: 0, requests: 0 }
      return before
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
