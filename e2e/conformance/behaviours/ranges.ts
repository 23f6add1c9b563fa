import type { Behaviour, Place } from '../behaviour.ts'
import { rangeOf, send, sendPart } from '../behaviour.ts'

const large = 8_600_000
const places: readonly Place[] = ['hidden', 'exposed', 'same']
/** Files large enough for ranges take time, so only representative requests are used. */
const largeRequests = ['whole', 'middle', 'head', 'worker', 'cancel']

/** Servers by their handling of ranges. */
export const ranges: readonly Behaviour[] = [
  ...places.flatMap((place): Behaviour[] => [
    { name: 'well-behaved', place, requests: 'all', answer: send },
    { name: 'well-behaved-large', place, size: large, requests: largeRequests, answer: send },
    {
      name: 'no-ranges',
      requests: 'all',
      place,
      answer: ({ request, response, file, etag }) => {
        response.writeHead(200, { 'content-length': file.length, etag })
        response.end(request.method === 'HEAD' ? undefined : file)
      },
    },
    {
      name: 'chunked',
      requests: 'all',
      place,
      answer: ({ request, response, file }) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream' })
        if (request.method !== 'HEAD') response.write(file.subarray(0, 70_000))
        response.end(request.method === 'HEAD' ? undefined : file.subarray(70_000))
      },
    },
  ]),
  ...(['hidden', 'exposed'] as const).flatMap((place): Behaviour[] => [
    {
      name: 'multipart-for-one-range',
      mostTimesSize: 1.2,
      badRanges: true,
      place,
      size: large,
      requests: largeRequests,
      answer: (exchange) => {
        const { request, response, file } = exchange
        const range = rangeOf(request, file.length)
        if (!range) return send(exchange)
        const where = `bytes ${range.start}-${range.end - 1}/${file.length}`
        const head = `\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Range: ${where}\r\n\r\n`
        const body = Buffer.concat([
          Buffer.from(head),
          file.subarray(range.start, range.end),
          Buffer.from('\r\n--b--\r\n'),
        ])
        const type = 'multipart/byteranges; boundary=b'
        response.writeHead(206, { 'content-type': type, 'content-length': body.length }).end(body)
      },
    },
    {
      name: 'slice-as-200',
      mostTimesSize: 1.2,
      badRanges: true,
      place,
      size: large,
      requests: largeRequests,
      answer: (exchange) => {
        const { request, response, file } = exchange
        const range = rangeOf(request, file.length)
        if (!range) return send(exchange)
        const part = file.subarray(range.start, range.end)
        response.writeHead(200, { 'content-length': part.length }).end(part)
      },
    },
    {
      name: 'ranges-capped-at-1-mib',
      mostTimesSize: 1.2,
      badRanges: true,
      place,
      size: large,
      requests: largeRequests,
      answer: (exchange) => {
        const range = rangeOf(exchange.request, exchange.file.length)
        if (!range) return send(exchange)
        const end = Math.min(range.end, range.start + 2 ** 20)
        sendPart(exchange, exchange.file, { ...range, end }, { etag: exchange.etag })
      },
    },
    {
      name: 'ranges-shifted-by-three-bytes',
      mostTimesSize: 1.2,
      badRanges: true,
      place,
      size: large,
      requests: ['whole', 'worker', 'cancel'],
      answer: (exchange) => {
        const { request, response, file } = exchange
        const range = rangeOf(request, file.length)
        if (!range || range.start < 1000) return send(exchange)
        response.writeHead(206, {
          'content-range': `bytes ${range.start}-${range.end - 1}/${file.length}`,
          etag: exchange.etag,
        })
        response.end(file.subarray(range.start - 3, range.end - 3))
      },
    },
    {
      name: 'ranges-of-unknown-total',
      badRanges: true,
      place,
      size: large,
      requests: largeRequests,
      answer: (exchange) => {
        const range = rangeOf(exchange.request, exchange.file.length)
        if (!range) return send(exchange)
        sendPart(exchange, exchange.file, range, {
          'content-range': `bytes ${range.start}-${range.end - 1}/*`,
        })
      },
    },
    {
      name: 'ranges-refused-with-416',
      place,
      size: large,
      requests: largeRequests,
      answer: (exchange) => {
        const { request, response } = exchange
        if (request.headers.range === undefined) send(exchange)
        else response.writeHead(416).end()
      },
    },
    {
      name: 'ranges-refused-with-501',
      requests: 'all',
      place,
      answer: (exchange) => {
        if (exchange.request.headers.range === undefined) send(exchange)
        else exchange.response.writeHead(501).end()
      },
    },
  ]),
  {
    name: 'ranges-preflighted-in-vain',
    place: 'hidden',
    answer: (exchange) => {
      // Requests that need no preflight are answered; all others get a 404.
      if (exchange.request.headers['if-range'] === undefined) send(exchange)
      else exchange.response.writeHead(403).end()
    },
  },
  {
    name: 'empty-file',
    requests: 'all',
    place: 'hidden',
    truth: () => Buffer.alloc(0),
    answer: send,
  },
  { name: 'one-byte', place: 'hidden', truth: () => Buffer.from('x'), answer: send },
]
