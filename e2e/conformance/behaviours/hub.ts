import type { Behaviour, HubExchange } from '../behaviour.ts'
import { refuse, sendPage } from '../behaviour.ts'

type Spoil = (exchange: HubExchange) => boolean

const json = Buffer.from(`{"model_type":"bert","hidden_size":64,"pad":"${'x'.repeat(400)}"}`)

/** A few representative requests: the hub's own responses are compared elsewhere. */
const requests = ['whole', 'head', 'middle', 'suffix', 'xhr', 'worker', 'cancel', 'twice-at-once']

/** Refuses requests of a kind, always or once for each URL and range. */
function refusing(
  kind: HubExchange['kind'],
  status: number,
  once: boolean = false,
  headers: Readonly<Record<string, string>> = {},
): Spoil {
  return (exchange) => {
    if (exchange.kind !== kind || (once && exchange.nth > 1)) return false
    refuse(exchange, status, headers)
    return true
  }
}

function behaviour(name: string, spoil: Spoil, more: Partial<Behaviour> = {}): Behaviour {
  return { name, place: 'hub', requests, spoil, answer: () => undefined, ...more }
}

/** Replaces headers of the hub's responses for files, once for each URL or always. */
function saying(
  name: string,
  headers: Readonly<Record<string, string | undefined>>,
  once: boolean,
): Behaviour {
  return behaviour(name, () => false, {
    retell: ({ kind, nth }) => (kind === 'resolve' && (!once || nth === 1) ? headers : {}),
  })
}

/** A real hub behind a network or proxies that break Xet downloads; plain downloads still work. */
export const hub: readonly Behaviour[] = [
  behaviour('hub', () => false, { requests: 'all' }),
  ...(['token', 'reconstruction', 'xorb'] as const).flatMap((kind) => [
    ...[403, 404, 451, 503].map((status) => behaviour(`${kind}-${status}`, refusing(kind, status))),
    behaviour(`${kind}-page`, (exchange) => {
      if (exchange.kind !== kind) return false
      sendPage(exchange)
      return true
    }),
    behaviour(`${kind}-reset`, (exchange) => {
      if (exchange.kind !== kind) return false
      exchange.response.destroy()
      return true
    }),
    // A firewall that drops what it does not know.
    behaviour(`${kind}-hangs`, (exchange) => exchange.kind === kind),
    ...[416, 501, 503].map((status) =>
      behaviour(`${kind}-once-${status}`, refusing(kind, status, true)),
    ),
  ]),
  behaviour('xorb-host-gone', () => false, { storageOrigin: 'http://storage.invalid' }),
  behaviour('xorb-port-closed', () => false, { storageOrigin: 'http://127.0.0.1:1' }),
  behaviour('cas-host-gone', () => false, { casOrigin: 'http://cas.invalid' }),
  behaviour('cas-port-closed', () => false, { casOrigin: 'http://127.0.0.1:1' }),
  behaviour('policy-without-storage', () => false, { policy: true }),
  behaviour('policy-without-cas-and-storage', () => false, {
    policy: true,
    casOrigin: 'http://127.0.0.1:1',
  }),
  behaviour('xorb-retry-after-an-hour', refusing('xorb', 429, false, { 'retry-after': '3600' })),
  behaviour(
    'xorb-retry-after-an-hour-once',
    refusing('xorb', 429, true, { 'retry-after': '3600' }),
  ),
  behaviour('reconstruction-v1-only', ({ kind, path, response }) => {
    if (kind !== 'reconstruction' || !path.startsWith('/v2/')) return false
    refuse({ response }, 404)
    return true
  }),
  // Version 2 disappears between the first call and the renewal that the refused range requires.
  behaviour('reconstruction-v2-taken-back', ({ kind, path, nth, response }) => {
    const absent = kind === 'reconstruction' && path.startsWith('/v2/') && nth > 1
    const stale = kind === 'xorb' && nth === 1
    if (!absent && !stale) return false
    refuse({ response }, absent ? 404 : 403)
    return true
  }),
  behaviour('without-xet', () => false, {
    retell: () => ({ 'x-xet-hash': undefined, link: undefined }),
  }),
  saying('size-0-once', { 'x-linked-size': '0' }, true),
  saying('another-size-once', { 'x-linked-size': '199999' }, true),
  saying('another-sha-once', { 'x-linked-etag': `"${'ab'.repeat(32)}"` }, true),
  saying('another-xet-hash-once', { 'x-xet-hash': 'ab'.repeat(32) }, true),
  behaviour(
    'hash-of-another-file-once',
    (exchange) => {
      const { kind, nth, request } = exchange
      const asked = kind === 'resolve' && /xet-fileinfo/.test(request.headers.accept ?? '')
      // The hub is closed while the page's last request is still open.
      if (asked && nth === 1) tellOfTwin(exchange).catch(() => exchange.response.destroy())
      return asked && nth === 1
    },
    { twin: true },
  ),
  saying(
    'auth-link-to-a-wrong-host-once',
    {
      link: '<http://auth.invalid/token>; rel="xet-auth", <http://auth.invalid/v1/reconstructions/x>; rel="xet-reconstruction-info"',
    },
    true,
  ),
  ...['config.json', 'tokenizer.json'].map((fileName) =>
    behaviour(
      `sign-in-page-first-${fileName.replace('.', '-')}`,
      (exchange) => {
        if (exchange.kind !== 'resolve' || exchange.visit !== 'first') return false
        sendPage(exchange)
        return true
      },
      { fileName, truth: () => json },
    ),
  ),
  ...(
    [
      ['config.json', 'application/json', '{"error":"Please sign in to this network"}'],
      ['vocab.txt', 'text/plain', 'Access denied by policy\n'],
    ] as const
  ).map(([fileName, type, page]) =>
    behaviour(
      `block-page-first-at-a-commit-${fileName.replace('.', '-')}`,
      ({ kind, visit, response }) => {
        if (kind !== 'resolve' || visit !== 'first') return false
        response.writeHead(200, { 'content-type': type, 'content-length': page.length }).end(page)
        return true
      },
      { fileName, pinned: true, requests: ['whole', 'xhr', 'worker'], truth: () => json },
    ),
  ),
  behaviour('sign-in-page-first-model', (exchange) => {
    if (exchange.kind !== 'resolve' || exchange.visit !== 'first') return false
    sendPage(exchange)
    return true
  }),
  behaviour(
    'missing-at-first',
    (exchange) => {
      if (exchange.kind !== 'resolve' || exchange.visit !== 'first') return false
      refuse(exchange, 404, { 'x-error-code': 'EntryNotFound' })
      return true
    },
    { fileName: 'config.json', truth: () => json },
  ),
  behaviour(
    'resolve-reset',
    ({ kind, response }) => {
      if (kind !== 'resolve') return false
      response.destroy()
      return true
    },
    { boundMs: 1000 },
  ),
  behaviour('refuses-everything-503', (exchange) => {
    refuse(exchange, 503)
    return true
  }),
  behaviour(
    'redirects-to-sign-in',
    (exchange) => {
      if (/session-hub=1/.test(exchange.request.headers.cookie ?? '')) return false
      if (exchange.kind !== 'resolve') return false
      exchange.response.writeHead(302, { location: `${exchange.origin}/login` }).end()
      return true
    },
    { init: { credentials: 'include' }, cookie: () => 'session-hub=1', retell: forCookies },
  ),
]

/** Answers a question about a file with the Xet hash of its twin, in headers and body. */
async function tellOfTwin({ request, response, origin, path }: HubExchange): Promise<void> {
  const headers = { accept: request.headers.accept ?? '' }
  const [own, twin] = await Promise.all(
    [path, path.replace(/[^/]+$/, 'twin.onnx')].map((each) => fetch(origin + each, { headers })),
  )
  const [right, wrong] = [own, twin].map((answer) => answer?.headers.get('x-xet-hash') ?? '')
  const told = (text: string): string => text.replaceAll(right!, wrong!)
  for (const [name, value] of own?.headers ?? []) response.setHeader(name, told(value))
  response.writeHead(own?.status ?? 502).end(told((await own?.text()) ?? ''))
}

/** A hub that uses cookies must name the origin that may send them. */
function forCookies({ request }: HubExchange): Record<string, string> {
  return {
    'access-control-allow-origin': request.headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
  }
}
