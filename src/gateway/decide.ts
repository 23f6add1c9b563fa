// Decides which decision applies to a request, and whether it queues: the first step of the pipeline that knows the
// caller.

import { anonymousDecision, type Auth, type Decision, readDecision } from '../auth/index.ts'
import { FerryError } from '../core/index.ts'
import { hasCredential, hasOtherCredential, withoutCredentials, type Service } from './service.ts'

/** How far the rules of a gateway apply already, so that new rules can be tried and withdrawn without a restart. */
export interface Rollout {
  /**
   * `enforce`: the rules apply. `shadow`: the previous rules apply, and a second `auth.decision` line, with the
   * prefix `shadow:` in its `kind`, has the decision of the new rules. `off`: only the previous rules are evaluated.
   * In every mode, only a token that the new or the previous rules know gives rights.
   */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Percentage of the queue keys to which the mode applies; the previous rules apply to the others. Default: 100. */
  readonly percent?: number
  /** Default: every request passes as anonymous, without a queue. */
  readonly previous?: Auth
}

/** A rollout with its defaults. */
export type CheckedRollout = Required<Omit<Rollout, 'previous'>> & Pick<Rollout, 'previous'>

/** The decision that applies to a request. */
interface GatewayDecision {
  /** Determines the queueing and the log of the request. */
  readonly decision: Decision
  /** The decision about the request's credential, also when it does not affect queueing. Rights come from it alone. */
  readonly credential: Decision
  /** Whether it waits. */
  readonly queued: boolean
  /** Whether its URL authorises itself; see {@link Service.open}. */
  readonly open: boolean
  /** A decision that does not apply; see {@link Rollout}. Undefined: none was made for this request. */
  readonly shadow?: Promise<Decision | undefined>
}

/**
 * Finds the decision under which a request is handled, once: the one that a token of its service carries, or that of
 * the rules, as far as they are rolled out.
 *
 * @param rules of the request
 * @param service that the path belongs to
 * @param request its body stays unread
 * @param from `url` of the request, `peer`: address of the socket
 */
export async function decide(
  { auth, rollout }: { readonly auth: Auth; readonly rollout: CheckedRollout },
  service: Service,
  request: Request,
  { url, peer }: { readonly url: URL; readonly peer: string | null },
): Promise<GatewayDecision> {
  const { mode, percent, previous } = rollout
  const open = service.open?.(request) ?? false
  const asked = open ? withoutCredentials(request, url) : request
  const isNew = (decision: Decision): boolean =>
    isAmongPercent(decision.queueKey ?? decision.network, percent)

  const carried = open ? undefined : carriedDecision(service, request, url)
  if (carried !== undefined) {
    const applies = previous !== undefined || (mode === 'enforce' && isNew(carried))
    const decision = applies ? carried : unauthenticated
    return { decision, credential: carried, queued: applies, open }
  }

  let made: Promise<Decision> | undefined
  const decideNow = (): Promise<Decision> => (made ??= auth.decide(asked, { peer }))
  if (mode === 'enforce') {
    const decision = await decideNow()
    if (isNew(decision)) return { decision, credential: decision, queued: !open, open }
  }
  // Started before the body can be read, and not awaited: a shadow decision must not delay requests.
  const shadow =
    mode === 'shadow'
      ? decideNow().then((decision) => (isNew(decision) ? decision : undefined))
      : undefined
  const old = previous && (await previous.decide(asked, { peer }))
  const decision = old ?? unauthenticated
  let credential = decision
  // A token that only the new rules know gives its rights in every mode. Without a credential this step is skipped.
  if (!credential.tokenAuth && !open && hasCredential(request, url)) credential = await decideNow()
  return {
    decision,
    credential,
    queued: old !== undefined && !open,
    open,
    ...(shadow && { shadow }),
  }
}

/** Only when it is the single credential of the request: of two, the intended one is unknown. */
function carriedDecision(service: Service, request: Request, url: URL): Decision | undefined {
  if (service.carried === undefined || !request.headers.has('authorization')) return undefined
  if (hasOtherCredential(request, url)) return undefined
  const text = service.carried(request)
  const decision = text === undefined ? null : readDecision(text)
  return decision === null || decision.kind === 'rejected' ? undefined : decision
}

/**
 * Completes a rollout.
 *
 * @throws FerryError `configuration` for a mode that does not exist, and a percentage outside 0 to 100
 */
export function checkRollout(rollout: Rollout): CheckedRollout {
  const { mode, percent = 100, previous } = rollout
  if (!['enforce', 'shadow', 'off'].includes(mode)) {
    throw new FerryError(
      'configuration',
      `"${mode}" is not a mode of a rollout. Use enforce, shadow or off.`,
    )
  }
  if (!(percent >= 0 && percent <= 100)) {
    throw new FerryError(
      'configuration',
      `A rollout cannot be for ${percent} percent. Use 0 to 100.`,
    )
  }
  return { mode, percent, ...(previous && { previous }) }
}

const buckets = 10_000

/**
 * Whether a key is in the given percentage of all keys. The result is stable, and a larger percentage includes all
 * keys of a smaller one, so no key changes sides while a rollout grows.
 *
 * @param key of the queue, or network
 * @param percent 0 to 100
 */
export function isAmongPercent(key: string, percent: number): boolean {
  if (percent >= 100) return true
  return hashOf(key) % buckets < percent * (buckets / 100)
}

/** FNV-1a with a final mix: it only needs to spread the keys, not to be secret. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The decision when no rules apply: anonymous, from an unknown network. */
export const unauthenticated: Decision = anonymousDecision({ network: 'ip:unknown', label: null })
