// Which decision applies to a request, and whether it queues: the first step of the pipeline that knows the caller.

import { type Auth, type Decision, readDecision } from '../auth/index.ts'
import { FerryError } from '../core/index.ts'
import { queryWithoutToken, withoutCredentials } from './credentials.ts'
import type { Service } from './service.ts'

/** How far the rules of a gateway apply yet, so that new ones can be tried, and taken back without a restart. */
export interface Rollout {
  /**
   * `enforce`: the rules apply. `shadow`: the previous ones apply, and a second `auth.decision` line, its `kind` with
   * `shadow:` before it, says what these would have decided. `off`: these are not asked at all.
   */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Percentage of the queue keys that the mode is for; the others have the previous rules. Default: 100. */
  readonly percent?: number
  /** Default: every request passes as anonymous, without a queue. */
  readonly previous?: Auth
}

/** A rollout with its defaults. */
export type CheckedRollout = Required<Omit<Rollout, 'previous'>> & Pick<Rollout, 'previous'>

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
  { auth, rollout }: { readonly auth: Auth; readonly rollout: CheckedRollout },
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
    decision: old ?? unauthenticated,
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
      `"${mode}" is no mode of a rollout. Use enforce, shadow or off.`,
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

/** The decision where no rules apply: anonymous, from an unknown network. */
export const unauthenticated: Decision = {
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
