import type { Behaviour, Exchange, Place } from '../behaviour.ts'
import { refuse, send } from '../behaviour.ts'

/** Redirects the path that the page requests to another one that has the file. */
function redirect(
  exchange: Exchange,
  status: number,
  query: string = 'there',
  more: Readonly<Record<string, string>> = {},
): void {
  const { path, origin } = exchange
  if (path.includes(query)) send(exchange)
  else {
    const joined = `${path}${path.includes('?') ? '&' : '?'}${query}`
    refuse(exchange, status, { location: origin + joined, ...more })
  }
}

const places: readonly Place[] = ['hidden', 'exposed', 'same']

/** Servers that redirect. */
export const redirects: readonly Behaviour[] = [
  ...places.flatMap((place): Behaviour[] => [
    { name: 'redirect-302', place, requests: 'all', answer: (exchange) => redirect(exchange, 302) },
    { name: 'redirect-308', place, answer: (exchange) => redirect(exchange, 308) },
    {
      name: 'redirect-manual',
      place,
      init: { redirect: 'manual' },
      requests: ['whole', 'middle', 'head', 'worker'],
      answer: (exchange) => redirect(exchange, 302),
    },
    {
      name: 'redirect-error',
      place,
      init: { redirect: 'error' },
      requests: ['whole', 'middle', 'head', 'worker'],
      answer: (exchange) => redirect(exchange, 302),
    },
  ]),
  {
    name: 'redirect-to-a-new-signature',
    place: 'hidden',
    answer: (exchange) => {
      const { path, origin, nth } = exchange
      if (path.includes('X-Amz-Signature')) send(exchange)
      else refuse(exchange, 302, { location: `${origin}${path}?X-Amz-Signature=${nth}` })
    },
  },
  {
    name: 'redirect-without-end',
    place: 'hidden',
    answer: (exchange) =>
      refuse(exchange, 302, { location: exchange.origin + exchange.path.split('?', 1)[0] }),
  },
  {
    name: 'redirect-to-sign-in',
    place: 'same',
    answer: (exchange) => {
      if (/session-redirect=1/.test(exchange.request.headers.cookie ?? ''))
        send(exchange, { 'cache-control': 'private', vary: 'Cookie' })
      else refuse(exchange, 302, { location: '/login' })
    },
    cookie: (visit) => `session-redirect=${visit === 'first' ? '' : '1'}`,
  },
  {
    name: 'redirect-to-sign-in-for-others',
    place: 'exposed',
    init: { credentials: 'include' },
    answer: (exchange) => {
      if (/session-others=1/.test(exchange.request.headers.cookie ?? ''))
        send(exchange, { 'cache-control': 'private', vary: 'Cookie' })
      else refuse(exchange, 302, { location: '/login' })
    },
    cookie: () => 'session-others=1',
  },
]
