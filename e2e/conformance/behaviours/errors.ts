import type { Behaviour } from '../behaviour.ts'
import { refuse, send, sendPage } from '../behaviour.ts'

const lasting = [400, 401, 403, 404, 410, 418, 429, 451, 500, 502, 503, 504]
const once = [404, 416, 429, 500, 503]

/** Servers that refuse permanently or once. */
export const errors: readonly Behaviour[] = [
  ...lasting.map((status): Behaviour => ({
    name: `always-${status}`,
    place: 'hidden',
    answer: (exchange) => refuse(exchange, status),
  })),
  ...once.flatMap((status): Behaviour[] => [
    {
      name: `once-${status}`,
      place: 'hidden',
      answer: (exchange) => {
        if (exchange.nth > 1) send(exchange)
        else refuse(exchange, status)
      },
    },
  ]),
  {
    name: 'always-404-with-a-page',
    place: 'hidden',
    answer: (exchange) => sendPage(exchange, 404),
  },
  {
    name: 'status-204',
    place: 'hidden',
    answer: (exchange) => void exchange.response.writeHead(204).end(),
  },
  {
    name: 'missing-until-the-second-visit',
    place: 'hidden',
    answer: (exchange) => {
      if (exchange.visit === 'first') refuse(exchange, 404)
      else send(exchange)
    },
  },
  {
    name: 'missing-until-the-second-visit-same',
    place: 'same',
    answer: (exchange) => {
      if (exchange.visit === 'first') refuse(exchange, 404)
      else send(exchange)
    },
  },
  {
    name: 'gone-at-the-second-visit',
    place: 'hidden',
    answer: (exchange) => {
      if (exchange.visit === 'first') send(exchange, { 'cache-control': 'no-cache' })
      else refuse(exchange, 404)
    },
  },
  {
    name: 'retry-after-an-hour-once',
    place: 'exposed',
    answer: (exchange) => {
      if (exchange.nth > 1) send(exchange)
      else refuse(exchange, 429, { 'retry-after': '3600' })
    },
  },
  {
    name: 'retry-after-an-hour',
    place: 'exposed',
    answer: (exchange) => refuse(exchange, 503, { 'retry-after': '3600' }),
  },
  {
    name: 'connection-reset',
    place: 'hidden',
    answer: ({ response }) => void response.destroy(),
  },
  {
    name: 'connection-reset-once',
    place: 'hidden',
    answer: (exchange) => {
      if (exchange.nth > 1) send(exchange)
      else exchange.response.destroy()
    },
  },
  {
    name: 'cut-in-the-middle-once',
    cuts: true,
    place: 'exposed',
    size: 400_000,
    answer: (exchange) => {
      const { request, response, file, nth } = exchange
      if (nth > 1 || request.method === 'HEAD') return send(exchange)
      response.writeHead(200, { 'content-length': file.length, etag: exchange.etag })
      response.write(file.subarray(0, file.length / 2), () => response.destroy())
    },
  },
  {
    name: 'cut-in-the-middle',
    place: 'hidden',
    size: 400_000,
    requests: ['whole', 'xhr', 'worker'],
    answer: (exchange) => {
      const { request, response, file } = exchange
      if (request.method === 'HEAD') return send(exchange)
      response.writeHead(200, { 'content-length': file.length })
      response.write(file.subarray(0, file.length / 2), () => response.destroy())
    },
  },
  {
    name: 'slow-first-byte',
    place: 'hidden',
    requests: ['whole', 'middle', 'head', 'worker'],
    answer: (exchange) => void setTimeout(() => send(exchange), 1500),
  },
]
