import type { Decision } from '../../auth/Decision.ts'
import { readDecision } from '../../auth/service/readDecision.ts'
import type { Rules } from '../Rules.ts'
import type { Service } from '../Service.ts'
import { queryWithoutToken } from '../services/queryWithoutToken.ts'
import { isAmongPercent } from './isAmongPercent.ts'
import { straightThrough } from './straightThrough.ts'
import { withoutCredentials } from './withoutCredentials.ts'

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
