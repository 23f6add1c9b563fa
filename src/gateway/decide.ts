import { type AuthRequest, type Decision, readDecision } from '../auth/index.ts'
import type { Rules } from './options.ts'
import type { Service } from './types.ts'

/**
 * A query without its tokens. The rest stays as it is, byte for byte: it may be signed.
 *
 * @param search as of a URL, with its question mark; or empty
 * @example queryWithoutToken('?a=%20&token=t&b') // '?a=%20&b'
 */
export function queryWithoutToken(search: string): string {
  // Most have none, and an encoded name has a percent sign.
  if (!search.includes('token') && !search.includes('%')) return search
  const rest = search
    .slice(1)
    .split('&')
    .filter((part) => !new URLSearchParams(part).has('token'))
    .join('&')
  return rest === '' ? '' : `?${rest}`
}

const buckets = 10_000

/**
 * Whether a key belongs to the given hundredths of all. The same keys always do, and those of a smaller part belong
 * to every greater one, so that nobody changes sides while a rollout grows.
 *
 * @param key of the queue, or network
 * @param percent 0 to 100
 */
export function isAmongPercent(key: string, percent: number): boolean {
  if (percent >= 100) return true
  return hashOf(key) % buckets < percent * (buckets / 100)
}

/** FNV-1a with a final mix: nothing has to be secret here, only spread. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Everybody, before there were rules: anonymous, and nobody knows from where. */
export const straightThrough: Decision = {
  kind: 'anonymous',
  reason: 'NONE',
  authenticated: false,
  tokenAuth: false,
  referrerAuth: false,
  bypass: false,
  tier: 'anonymous',
  subject: null,
  queueKey: 'ip:unknown',
  tokenSource: null,
  scope: [],
  site: null,
  status: null,
  network: 'ip:unknown',
  keyId: null,
  label: null,
  stale: false,
  retryAfterMs: null,
}

const credentials: ReadonlySet<string> = new Set(['authorization', 'x-pollinations-token'])

/**
 * A request as it is decided where tokens do not count: who asks is told by address and origin alone.
 *
 * @param request stays as it is, and is not read
 * @param url of the request
 */
export function withoutCredentials(request: Request, url: URL): AuthRequest {
  const { headers } = request
  return {
    // Only a POST may hold a token in its body.
    method: 'GET',
    url: `${url.origin}${url.pathname}${queryWithoutToken(url.search)}`,
    headers: {
      get: (name) => (isShown(name) ? headers.get(name) : null),
      has: (name) => isShown(name) && headers.has(name),
    },
    clone: () => ({ body: null }),
  }
}

function isShown(name: string): boolean {
  return !credentials.has(name.toLowerCase())
}

/** The decision that counts for a request. */
export interface Ruling {
  readonly decision: Decision
  /** Whether it waits. */
  readonly queued: boolean
  /** Of a decision that does not count; see {@link Rollout}. Undefined: none was made, or not for this one. */
  readonly shadow?: Promise<Decision | undefined>
}

/**
 * Finds the decision under which a request is handled, once: the one that its service's own token carries, or that
 * of the rules, as far as they are rolled out.
 *
 * @param rules of the request
 * @param service whose it is
 * @param request its body stays unread
 * @param from `url` of the request, `peer`: address of the socket
 */
export async function decide(
  { auth, rollout }: Pick<Rules, 'auth' | 'rollout'>,
  service: Service,
  request: Request,
  { url, peer }: { readonly url: URL; readonly peer: string | null },
): Promise<Ruling> {
  const { mode, percent, previous } = rollout
  const open = service.open?.(request) ?? false
  const asked = open ? withoutCredentials(request, url) : request
  const isNew = (decision: Decision): boolean =>
    isAmongPercent(decision.queueKey ?? decision.network, percent)

  const carried = open ? undefined : carriedDecision(service, request, url)
  const everybody = mode !== 'enforce' && previous === undefined
  if (carried !== undefined && !everybody) return { decision: carried, queued: true }

  if (mode === 'enforce') {
    const decision = await auth.decide(asked, { peer })
    if (isNew(decision)) return { decision, queued: !open }
  }
  // Begun before anybody can read the body, and not waited for: a shadow must not be felt.
  const shadow =
    mode === 'shadow' && carried === undefined
      ? auth.decide(asked, { peer }).then((made) => (isNew(made) ? made : undefined))
      : undefined
  const old = previous && (await previous.decide(asked, { peer }))
  return {
    decision: old ?? straightThrough,
    queued: old !== undefined && !open,
    ...(shadow && { shadow }),
  }
}

/** Only where it is the one credential of the request: of two, nobody could say which is meant. */
function carriedDecision(service: Service, request: Request, url: URL): Decision | undefined {
  if (service.carried === undefined || !request.headers.has('authorization')) return undefined
  if (request.headers.has('x-pollinations-token')) return undefined
  if (queryWithoutToken(url.search) !== url.search) return undefined
  const text = service.carried(request)
  const decision = text === undefined ? null : readDecision(text)
  return decision === null || decision.kind === 'rejected' ? undefined : decision
}
