import { createServer, request as ask } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { RunningHub } from 'modelferry/hub'
import type { Behaviour, HubExchange, Visit } from './behaviour.ts'
import { listenLocally } from '../stage/local-server.ts'

/** Behaviour of the proxies before a hub and its storage, and whether it applies. */
export interface ProxyTerms {
  readonly visit: () => Visit
  /** Whether every connection is cut. */
  readonly isCut: () => boolean
}

/**
 * Starts two proxies for a behaviour: one before a hub, one before its storage, so that both can be disturbed.
 *
 * @returns the servers and the hub's origin for pages
 */
export async function startProxies(
  hub: RunningHub,
  behaviour: Behaviour,
  terms: ProxyTerms,
): Promise<{ servers: Server[]; origin: string }> {
  const seen = new Map<string, number>()
  let storageOrigin = ''
  const listen = async (target: string): Promise<{ server: Server; origin: string }> => {
    const server = createServer((request, response) => {
      if (terms.isCut()) {
        request.destroy()
        return
      }
      const { url: path = '/', headers, method } = request
      const origin = `http://${headers.host}`
      const preflight = method === 'OPTIONS'
      const key = `${method} ${path.split('?', 1)[0]} ${headers.range ?? ''}`
      const nth = (seen.get(key) ?? 0) + (preflight ? 0 : 1)
      seen.set(key, nth)
      const kind = kindOf(path)
      const exchange = { request, response, nth, visit: terms.visit(), path, origin, kind }
      if (!preflight) {
        openTo(request, response)
        if (behaviour.spoil?.(exchange)) return
        for (const name of response.getHeaderNames()) response.removeHeader(name)
      }
      const casOrigin = kind === 'token' ? (behaviour.casOrigin ?? origin) : origin
      forward(target, exchange, (text) =>
        text
          .replaceAll(hub.storageUrl, storageOrigin)
          .replaceAll(`${origin}/xorbs/`, `${storageOrigin}/xorbs/`)
          .replaceAll(origin, casOrigin),
      )
    })
    return { server, origin: `http://127.0.0.1:${await listenLocally(server)}` }
  }
  const forward = (
    target: string,
    exchange: HubExchange,
    translate: (text: string) => string,
  ): void => {
    const { request, response, path, kind } = exchange
    const { hostname, port } = new URL(target)
    // With the requested host: the hub then returns URLs that lead to this proxy again.
    const asked = ask(
      { hostname, port, method: request.method, path, headers: request.headers },
      (answer) => {
        const headers: Record<string, string | string[] | undefined> = { ...answer.headers }
        if (typeof headers['location'] === 'string')
          headers['location'] = headers['location'].replace(hub.storageUrl, plainStorage())
        Object.assign(headers, behaviour.retell?.(exchange))
        if (behaviour.policy && typeof answer.headers.location === 'string') {
          answer.resume()
          const { origin, pathname, search } = new URL(answer.headers.location, target)
          forward(origin, { ...exchange, path: pathname + search }, translate)
          return
        }
        const known = Object.entries(headers).filter(([, value]) => value !== undefined)
        if (kind !== 'reconstruction' && kind !== 'token') {
          response.writeHead(answer.statusCode ?? 502, Object.fromEntries(known) as never)
          answer.pipe(response)
          return
        }
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          const body = Buffer.from(translate(Buffer.concat(parts).toString()))
          const all = { ...Object.fromEntries(known), 'content-length': body.length }
          response.writeHead(answer.statusCode ?? 502, all as never).end(body)
        })
      },
    )
    asked.on('error', () => response.destroy())
    request.pipe(asked)
  }
  const front = await listen(hub.url)
  const storage = await listen(hub.storageUrl)
  const plainStorage = (): string => storage.origin
  storageOrigin = behaviour.storageOrigin ?? storage.origin
  return { servers: [front.server, storage.server], origin: front.origin }
}

function kindOf(path: string): HubExchange['kind'] {
  if (/\/resolve\//.test(path)) return 'resolve'
  if (/xet-read-token/.test(path)) return 'token'
  if (/^\/v\d\/reconstructions\//.test(path)) return 'reconstruction'
  if (path.startsWith('/xorbs/')) return 'xorb'
  return 'other'
}

/** Lets pages read a refusal of a proxy; otherwise it would look like a network failure. */
function openTo({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', headers.origin ?? '*')
  response.setHeader('access-control-allow-credentials', 'true')
}
