import { createAuth, type AuthOptions } from '../../auth/auth.ts'
import { createTokenList } from '../../auth/token-validation.ts'
import { sha256Hex } from '../../auth/digests.ts'
import { createLog, type LogLine } from '../../log/log.ts'
import { createQueue, type Queue } from '../../queue/index.ts'
import { createGateway, type Gateway } from '../gateway.ts'

import type { GatewayOptions } from '../options.ts'
import type { Service } from '../service.ts'
import { limits } from './limits.ts'

/** Tokens of the behaviour cases. */
export const tokens = { seed: 'tokseed00', nectar: 'toknectar' } as const

/** Rules of the behaviour cases. */
export const authOptions: AuthOptions = {
  validate: createTokenList([
    { sha256: sha256Hex(tokens.seed), sub: 'u1', tier: 'seed' },
    { sha256: sha256Hex(tokens.nectar), sub: 'u2', tier: 'nectar' },
  ]),
  legacyTokens: [sha256Hex('legacy-01')],
  legacyExpiresAt: Date.UTC(2100, 0, 1),
  allowedHosts: ['app.example', '*.apps.example', 'localhost'],
  registeredHosts: ['registered.example'],
  trustedProxies: ['10.0.0.0/8'],
}

/** A real gateway with test services, and its records. */
export interface TestGateway extends Gateway {
  readonly queue: Queue
  readonly lines: LogLine[]
  /** Requests that reached the service. */
  readonly seen: Request[]
  /** Sends a request, by default an anonymous one. */
  ask(path?: string, init?: RequestInit & { readonly peer?: string | null }): Promise<Response>
}

/**
 * Makes a gateway for one test.
 *
 * @param given overrides; `handle` implements the one service, `echo` at `/`
 */
export function testGateway(
  given: Partial<GatewayOptions> & {
    readonly handle?: Service['handle']
    readonly service?: Partial<Service>
    readonly rules?: AuthOptions
  } = {},
): TestGateway {
  const { handle, service, rules, ...options } = given
  const lines: LogLine[] = []
  const seen: Request[] = []
  const queue = options.queue ?? createQueue()
  const gateway = createGateway({
    auth: createAuth({ ...authOptions, ...rules }),
    limits,
    services: [
      {
        name: 'echo',
        path: '/',
        ...service,
        handle(request, context) {
          seen.push(request)
          return handle ? handle(request, context) : Promise.resolve(new Response('hello'))
        },
      },
    ],
    log: createLog({ write: (text) => void lines.push(JSON.parse(text) as LogLine) }),
    ...options,
    queue,
  })
  return {
    ...gateway,
    queue,
    lines,
    seen,
    ask: (path = '/x', { peer = '203.0.113.7', ...init } = {}) =>
      gateway.fetch(new Request(new URL(path, 'https://gateway.example'), init), { peer }),
  }
}
