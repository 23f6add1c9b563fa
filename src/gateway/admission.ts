// Admission: a request waits in the queue for a slot, and the response reports the state of its quota.

import { type KeyLimits, QueueRefusal, type QueueState, type Slot } from '../queue/index.ts'
import { refusalProblem, goneProblem, type Problem } from './problems.ts'
import { serializeList, type BareItem } from 'structured-headers'
import { type Decision, networkGroup } from '../auth/index.ts'
import type { ResponseFacts } from './headers.ts'
import type { Settings } from './options.ts'
import type { RequestRecord } from './record.ts'
import type { Service } from './service.ts'

/**
 * Milliseconds before the first check that the client is still connected. Most answers are ready in the same
 * event-loop turn, in which no abort can arrive, and creating the request's signal costs more than the answer.
 */
export const abortCheckDelayMs = 1

/** A slot that a running request holds; `signal` aborts when the client is gone or the slot is lost. */
export type HeldSlot = Pick<Slot, 'signal' | 'release' | 'abort'>

/** The result of {@link admit}. */
export type Admission = Pick<ResponseFacts, 'rateLimit'> &
  ({ readonly slot: HeldSlot } | { readonly problem: Problem })

/**
 * Waits until a request may run. Tiers that skip the interval enter the queue too: concurrency limits apply to all.
 *
 * @param settings of the gateway
 * @param service determines the cost of the request
 * @param request aborting its signal leaves the queue
 * @param made `arrivedAt`: epoch milliseconds of its arrival; `decision`: of a kind that has a queue key;
 *   `record`: receives each step
 * @throws errors of the queue other than refusals
 */
export async function admit(
  { queue, limits, random, clock }: Settings,
  service: Service,
  request: Request,
  {
    arrivedAt,
    decision,
    record,
  }: {
    readonly arrivedAt: number
    readonly decision: Decision
    readonly record: RequestRecord
  },
): Promise<Admission> {
  const { bypass, tier, queueKey, network } = decision
  const mine = limits[tier ?? 'anonymous']
  const cost = service.cost?.(request)
  const group = decision.tokenAuth ? undefined : networkGroup(network)
  const ticket = {
    key: queueKey ?? network,
    limits: mine,
    bypass,
    ...(decision.tokenAuth ? { pool: tokenPool } : group !== undefined && { group }),
    ...(cost !== undefined && { cost }),
  }
  record.entered(queue.state(ticket))
  try {
    // An immediate decision leaves no time for an abort; see `abortCheckDelayMs`.
    const isHere = clock.now() - arrivedAt < abortCheckDelayMs
    const slot = await queue.enter(ticket, isHere ? () => request.signal : request.signal)
    record.started(slot)
    return { slot, rateLimit: rateLimitFields(mine, bypass, slot.state) }
  } catch (error) {
    if (error instanceof QueueRefusal) {
      record.refused(error)
      const rateLimit = rateLimitFields(mine, bypass, error.state)
      return { problem: refusalProblem(error, random()), rateLimit }
    }
    if (!request.signal.aborted) throw error
    record.aborted()
    return { problem: goneProblem, rateLimit: undefined }
  }
}

/** Slots of this pool are reserved for requests with a token. */
export const tokenPool = 'token'

/**
 * `RateLimit-Policy` and `RateLimit` of one caller. They contain only its own limits, not those of the whole queue,
 * and no `pk`, which would reveal who shares the quota.
 *
 * @param limits of the caller
 * @param bypass whether the interval is skipped
 * @param state of the caller's key
 * @see draft-ietf-httpapi-ratelimit-headers
 */
function rateLimitFields(
  limits: KeyLimits,
  bypass: boolean,
  state: Pick<QueueState, 'remaining' | 'resetMs'>,
): { readonly policy: string; readonly limit: string } {
  return { policy: policyOf(limits, bypass), limit: limitOf(state) }
}

type Kept = { readonly paced: string; readonly unpaced: string }

/** Cached per tier, because every response needs them. */
const kept = new WeakMap<KeyLimits, Kept>()

function policyOf(limits: KeyLimits, bypass: boolean): string {
  let both = kept.get(limits)
  if (both === undefined) {
    both = { paced: writePolicy(limits, limits.intervalMs), unpaced: writePolicy(limits, 0) }
    kept.set(limits, both)
  }
  return bypass ? both.unpaced : both.paced
}

function writePolicy(limits: KeyLimits, intervalMs: number): string {
  // The window is reported in whole seconds: a shorter one becomes a second with more starts.
  const seconds = Math.ceil(intervalMs / 1000)
  const starts = Math.floor((limits.concurrency * seconds * 1000) / intervalMs)
  return serializeList([
    intervalMs > 0
      ? item('queue', [
          ['q', starts],
          ['w', seconds],
        ])
      : item('queue', [
          ['q', limits.concurrency],
          ['qu', 'concurrent-requests'],
        ]),
    item('pending', [
      ['q', limits.maxWaiting],
      ['qu', 'concurrent-requests'],
    ]),
  ])
}

const limitHeaders = new Map<string, string>()
const mostLimitHeaders = 1000

function limitOf({ remaining, resetMs }: Pick<QueueState, 'remaining' | 'resetMs'>): string {
  const left = Math.max(0, Math.floor(remaining))
  const seconds = Math.ceil(resetMs / 1000)
  const key = `${left} ${seconds}`
  const known = limitHeaders.get(key)
  if (known !== undefined) return known
  const field = serializeList([item('queue', [['r', left], ...after(seconds)])])
  if (limitHeaders.size >= mostLimitHeaders) limitHeaders.clear()
  limitHeaders.set(key, field)
  return field
}

function after(seconds: number): [string, BareItem][] {
  return seconds > 0 ? [['t', seconds]] : []
}

function item(name: string, parameters: [string, BareItem][]): [BareItem, Map<string, BareItem>] {
  return [name, new Map(parameters)]
}
