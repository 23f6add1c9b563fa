import type { GatewayParts } from '../gateway/index.ts'
import type { HubFront } from '../hub/index.ts'
import { rightsOf } from './rightsOf.ts'

/**
 * The embedded hub as a service behind a gateway. The decision goes with a request into the hub: as rights, and sealed
 * into the CAS tokens that the hub gives out, so that calls with these wait as their owner does. URLs of storage are
 * signed for each of those calls.
 *
 * By default what loads a file costs no start, since a model is many files; a listing or a change costs one.
 *
 * @param serve and `hub`: what a {@link HubFront} gets
 */
export function hubService(
  serve: Parameters<HubFront>[0],
  hub: Parameters<HubFront>[1],
): NonNullable<GatewayParts['hub']> {
  return {
    handle(request, { decision, carry }) {
      // Where the rules do not count yet, a token is nothing that the gateway has looked at: the hub does it.
      // Other schemes are no tokens, there and here.
      const sent = request.headers.get('authorization') ?? ''
      const unknown = !decision.tokenAuth && /^bearer /i.test(sent)
      return serve(request, unknown ? { carry } : { rights: rightsOf(decision), carry })
    },
    carried: (request) => hub.carried(request),
    cost: ({ url }) => (/^\/api\/(?!.*\/xet-(?:read|write)-token\/)/.test(pathOf(url)) ? 1 : 0),
    route: ({ url }) => routeOf(pathOf(url)),
    allowHeaders: ['accept', 'if-none-match', 'if-range', 'range', 'x-xet-session-id'],
  }
}

function pathOf(url: string): string {
  return new URL(url).pathname
}

/** A few patterns for the log: which repository and file it was is nobody's business. */
function routeOf(path: string): string {
  const verb =
    /^\/api\/(?:models|datasets|spaces)\/.*?\/(tree|revision|paths-info|preupload|commit|xet-read-token|xet-write-token)(?:\/|$)/.exec(
      path,
    )?.[1]
  if (verb !== undefined) return `/api/*/${verb}/*`
  if (path.startsWith('/api/')) return '/api/*'
  const cas = /^\/(v[12])\/(reconstructions|chunks|xorbs|files|shards)(?:\/|$)/.exec(path)
  if (cas) return `/${cas[1]}/${cas[2]}/*`
  const file = /\/(resolve|raw|info\/lfs)\//.exec(path)?.[1]
  return file === undefined ? '/*' : `/*/${file}/*`
}
