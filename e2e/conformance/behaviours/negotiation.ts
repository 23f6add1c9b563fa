import type { Behaviour } from '../behaviour.ts'
import { refuse, send } from '../behaviour.ts'

function text(words: string): Buffer {
  return Buffer.from(`${words}\n`.repeat(40))
}

/** Servers that depend on request headers and cookies, or send unusual response headers. */
export const negotiation: readonly Behaviour[] = [
  {
    name: 'vary-accept',
    place: 'exposed',
    fileName: 'config.json',
    truth: (_, { accept = '' }) => text(accept.includes('json') ? '{"a":1}' : 'plain'),
    answer: (exchange) =>
      send(exchange, { vary: 'Accept', 'cache-control': 'max-age=600', etag: undefined }),
  },
  {
    name: 'vary-accept-language-of-the-visit',
    place: 'exposed',
    truth: (_, headers) => text(headers['accept-language'] ?? 'none'),
    answer: (exchange) => send(exchange, { vary: 'Accept-Language', 'cache-control': 'no-cache' }),
  },
  // A page that states a preference from the second visit on.
  {
    name: 'vary-accept-of-the-visit',
    place: 'hidden',
    fileName: 'labels.txt',
    init: (visit) => (visit === 'first' ? {} : { headers: { accept: 'application/json, */*' } }),
    truth: (_, { accept = '' }) => text(accept.includes('json') ? '{"a":1}' : 'plain'),
    answer: (exchange) =>
      send(exchange, { vary: 'Accept', 'cache-control': 'max-age=600', etag: undefined }),
  },
  {
    name: 'vary-accept-language',
    place: 'hidden',
    fileName: 'labels.txt',
    init: (visit) => (visit === 'first' ? {} : { headers: { 'accept-language': 'de' } }),
    truth: (_, headers) => text(headers['accept-language'] === 'de' ? 'deutsch' : 'english'),
    answer: (exchange) =>
      send(exchange, { vary: 'Accept-Language', 'cache-control': 'max-age=600', etag: undefined }),
  },
  {
    name: 'vary-origin',
    place: 'hidden',
    answer: (exchange) => send(exchange, { vary: 'Origin' }),
  },
  { name: 'vary-star', place: 'hidden', answer: (exchange) => send(exchange, { vary: '*' }) },
  ...(['hidden', 'exposed', 'same'] as const).flatMap((place): Behaviour[] => [
    {
      name: 'header-of-the-app',
      place,
      init: { headers: { 'x-api-key': 'key' } },
      answer: (exchange) => {
        if (exchange.request.headers['x-api-key'] === 'key') send(exchange)
        else refuse(exchange, 401)
      },
    },
    {
      name: 'authorization-of-the-app',
      place,
      init: { headers: { authorization: 'Bearer app' } },
      answer: (exchange) => {
        if (exchange.request.headers.authorization === 'Bearer app')
          send(exchange, { 'cache-control': 'private' })
        else refuse(exchange, 401)
      },
    },
    {
      name: 'headers-of-its-own',
      place,
      answer: (exchange) =>
        send(exchange, {
          'content-type': 'image/png',
          'last-modified': 'Sun, 22 Nov 2026 08:00:00 GMT',
          'x-app': 'value',
          'cache-control': 'public, max-age=60',
        }),
    },
  ]),
  {
    name: 'type-with-parameters',
    place: 'exposed',
    fileName: 'vocab.txt',
    answer: (exchange) => send(exchange, { 'content-type': 'text/plain; charset=iso-8859-1' }),
  },
  {
    name: 'no-type',
    place: 'exposed',
    answer: (exchange) => send(exchange, { 'content-type': undefined }),
  },
  {
    name: 'signed-in-by-cookie',
    place: 'exposed',
    init: { credentials: 'include' },
    cookie: () => 'session-signed=1',
    answer: (exchange) => {
      if (/session-signed=1/.test(exchange.request.headers.cookie ?? ''))
        send(exchange, { 'cache-control': 'private', vary: 'Cookie' })
      else refuse(exchange, 401)
    },
  },
  {
    name: 'another-file-for-each-user',
    place: 'exposed',
    init: { credentials: 'include' },
    cookie: (visit) => `user=${visit === 'first' ? 'alice' : 'bob'}`,
    truth: (_, { cookie = '' }) => text(/user=(\w*)/.exec(cookie)?.[1] ?? 'anonymous'),
    answer: (exchange) =>
      send(exchange, { vary: 'Cookie', 'cache-control': 'private, no-cache', etag: undefined }),
  },
  {
    name: 'another-file-for-each-user-of-the-site',
    place: 'same',
    cookie: (visit) => `owner=${visit === 'first' ? '' : 'bob'}`,
    truth: (_, { cookie = '' }) => text(/owner=(\w+)/.exec(cookie)?.[1] ?? 'anonymous'),
    answer: (exchange) =>
      send(exchange, { vary: 'Cookie', 'cache-control': 'private, no-cache', etag: undefined }),
  },
  {
    name: 'no-cors',
    place: 'hidden',
    answer: (exchange) => {
      exchange.response.removeHeader('access-control-allow-origin')
      send(exchange)
    },
  },
  {
    name: 'cors-for-everyone',
    place: 'hidden',
    answer: (exchange) => {
      exchange.response.setHeader('access-control-allow-origin', '*')
      exchange.response.removeHeader('access-control-allow-credentials')
      send(exchange)
    },
  },
  {
    name: 'signed-for-each-visit',
    place: 'hidden',
    // No URL can be signed offline: the page has the one of its last visit.
    query: (visit) => {
      const signed = visit === 'offline' ? 'second' : visit
      return `?X-Amz-Date=${signed}&X-Amz-Signature=${signed}`
    },
    answer: send,
  },
]
