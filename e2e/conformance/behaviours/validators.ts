import type { Behaviour, Place } from '../behaviour.ts'
import { send } from '../behaviour.ts'
import { fewWays, newestWays } from '../requests.ts'

const large = 8_600_000
const largeRequests = ['whole', 'middle', 'worker', 'cancel']
const dates = {
  first: 'Sun, 22 Nov 2026 08:00:00 GMT',
  second: 'Mon, 23 Nov 2026 08:00:00 GMT',
  offline: 'Mon, 23 Nov 2026 08:00:00 GMT',
}
const replacedRequests = [...new Set([...fewWays, ...newestWays])]
/** Requests that leave the freshness to the server. */
const defaultRequests = ['whole', 'head', 'middle', 'xhr', 'cache-add', 'worker']
const places: readonly Place[] = ['hidden', 'exposed', 'same']

/** Freshness headers, and a file that is replaced between visits. */
const freshness: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  'no-cache': { 'cache-control': 'no-cache' },
  'max-age-0': { 'cache-control': 'max-age=0, must-revalidate' },
  'no-store': { 'cache-control': 'no-store' },
  'max-age-600': { 'cache-control': 'public, max-age=600' },
  'without-cache-control': {},
  'without-validators': { etag: undefined, 'cache-control': 'no-cache' },
}

/** Servers by the validators they send. */
export const validators: readonly Behaviour[] = [
  ...places.flatMap((place): Behaviour[] => [
    ...Object.entries(freshness).map(([name, headers]): Behaviour => ({
      name: `replaced-${name}`,
      place,
      changes: true,
      requests: replacedRequests,
      ...(name === 'max-age-600' && { fresh: true as const }),
      answer: (exchange) => send(exchange, headers),
    })),
    {
      name: 'replaced-last-modified',
      place,
      changes: true,
      requests: replacedRequests,
      answer: (exchange) =>
        send(exchange, {
          etag: undefined,
          'last-modified': dates[exchange.visit],
          'cache-control': 'no-cache',
        }),
    },
    {
      name: 'weak-etag',
      place,
      answer: (exchange) => send(exchange, { etag: `W/${exchange.etag}` }),
    },
  ]),
  ...places.flatMap((place): Behaviour[] => [
    {
      name: 'immutable',
      place,
      final: true,
      requests: defaultRequests,
      answer: (exchange) =>
        send(exchange, { 'cache-control': 'public, max-age=31536000, immutable' }),
    },
    {
      name: 'named-by-a-hash',
      place,
      final: true,
      fileName: 'model-0a1b2c3d4e5f.onnx',
      requests: defaultRequests,
      answer: (exchange) => send(exchange),
    },
    {
      name: 'replaced-under-one-etag',
      place,
      changes: true,
      answer: (exchange) => send(exchange, { etag: '"one"', 'cache-control': 'no-store' }),
    },
    // It ignores conditions: the browser gets the new bytes where it asks for them.
    {
      name: 'replaced-under-one-etag-large',
      place,
      size: 1_500_000,
      changes: true,
      requests: newestWays,
      answer: (exchange) => {
        const { 'if-none-match': _, ...headers } = exchange.request.headers
        exchange.request.headers = headers
        send(exchange, { etag: '"one"' })
      },
    },
  ]),
  {
    name: 'one-etag-for-every-file',
    place: 'exposed',
    answer: (exchange) => send(exchange, { etag: '"every"' }),
  },
  ...(['hidden', 'exposed'] as const).flatMap((place): Behaviour[] => [
    // One of three servers behind a balancer answers, or a new one for each request.
    ...[3, Infinity].map((pods): Behaviour => ({
      name: pods === 3 ? 'an-etag-for-each-of-three-pods' : 'an-etag-for-each-pod',
      place,
      size: large,
      mostTimesSize: 1.2,
      badRanges: true,
      requests: largeRequests,
      unstableEtag: true,
      answer: (exchange) => send(exchange, { etag: `"pod${exchange.nth % pods}"` }),
    })),
    {
      name: 'no-validators-large',
      place,
      size: large,
      requests: largeRequests,
      answer: (exchange) => send(exchange, { etag: undefined }),
    },
  ]),
  {
    name: 'replaced-before-it-expires',
    place: 'hidden',
    changes: true,
    fresh: true,
    answer: (exchange) => send(exchange, { expires: new Date(Date.now() + 600_000).toUTCString() }),
  },
]
