import type { Behaviour } from '../behaviour.ts'
import { send } from '../behaviour.ts'

const type = { 'content-type': 'application/octet-stream' }

/** Servers that frame their answers in old, rare or slow ways. */
export const framing: readonly Behaviour[] = [
  {
    name: 'ends-by-closing',
    place: 'hidden',
    answer: ({ request, response, file }) => {
      // Without a length and without chunks only the end of the connection ends the body.
      response.useChunkedEncodingByDefault = false
      response.writeHead(200, { ...type, connection: 'close' })
      response.end(request.method === 'HEAD' ? undefined : file)
    },
  },
  {
    name: 'http-1-0',
    place: 'hidden',
    answer: ({ request, response, file }) => {
      const cors = `Access-Control-Allow-Origin: ${request.headers.origin ?? '*'}`
      const length = `Content-Length: ${file.length}`
      const head = ['HTTP/1.0 200 OK', cors, 'Access-Control-Allow-Credentials: true', length]
      response.detachSocket(request.socket)
      request.socket.write(`${head.join('\r\n')}\r\n\r\n`)
      request.socket.end(request.method === 'HEAD' ? Buffer.alloc(0) : file)
    },
  },
  {
    name: 'connection-close',
    place: 'exposed',
    answer: (exchange) => send(exchange, { connection: 'close' }),
  },
  {
    name: 'trailers',
    place: 'exposed',
    answer: ({ request, response, file, etag }) => {
      // Node allows trailers only after chunks, and a HEAD has none.
      const chunked = request.method !== 'HEAD'
      response.writeHead(200, { ...type, etag, ...(chunked && { trailer: 'x-checksum' }) })
      if (chunked) {
        response.write(file)
        response.addTrailers({ 'x-checksum': 'abc' })
      }
      response.end()
    },
  },
  {
    name: 'huge-headers',
    place: 'exposed',
    answer: (exchange) => send(exchange, { 'x-app': 'a'.repeat(20_000), vary: 'Origin' }),
  },
  {
    name: 'trickles',
    place: 'hidden',
    requests: ['whole', 'middle', 'worker', 'cancel'],
    answer: ({ request, response, file, etag }) => {
      response.writeHead(200, { ...type, etag, 'content-length': file.length })
      if (request.method === 'HEAD') {
        response.end()
        return
      }
      const step = Math.ceil(file.length / 8)
      let at = 0
      const timer = setInterval(() => {
        response.write(file.subarray(at, (at += step)))
        if (at < file.length) return
        clearInterval(timer)
        response.end()
      }, 60)
      response.once('close', () => clearInterval(timer))
    },
  },
]
