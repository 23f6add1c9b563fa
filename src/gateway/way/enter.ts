import type { Decision } from '../../auth/Decision.ts'
import type { Problem } from '../answer/Problem.ts'
import { rateLimitFields } from '../answer/rateLimitFields.ts'
import { refusalProblem } from '../answer/refusalProblem.ts'
import { QueueRefusal } from '../../queue/QueueRefusal.ts'
import type { RequestRecord } from '../record/openRecord.ts'
import type { Rules } from '../Rules.ts'
import type { Service } from '../Service.ts'
import type { Dressing } from './dress.ts'
import { goneProblem } from './goneProblem.ts'
import { soonMs } from './soonMs.ts'

/** A place among those that run. */
export interface Place {
  /** Aborted when the client is gone or the place is lost. */
  readonly signal: AbortSignal
  release(): void
}

/** What came of asking to be let in. */
export type Entered = Pick<Dressing, 'rateLimit'> &
  ({ readonly place: Place } | { readonly problem: Problem })

/**
 * Waits until a request may run. Whoever may skip the interval enters the queue too: the limits on how much runs at
 * once are for everybody.
 *
 * @param rules of the request
 * @param service says what the request costs
 * @param request its signal leaves the queue
 * @param made `cameAt`: epoch milliseconds at which the request came; `decision`: of a kind that has a queue key;
 *   `record`: is told of each step
 * @throws whatever the queue throws that is no refusal
 */
export async function enter(
  { queue, limits, random, clock }: Rules,
  service: Service,
  request: Request,
  {
    cameAt,
    decision,
    record,
  }: {
    readonly cameAt: number
    readonly decision: Decision
    readonly record: RequestRecord
  },
): Promise<Entered> {
  const { bypass, tier, queueKey, network } = decision
  const mine = limits[tier ?? 'anonymous']
  const cost = service.cost?.(request)
  const ticket = {
    key: queueKey ?? network,
    limits: mine,
    bypass,
    ...(cost !== undefined && { cost }),
  }
  record.entered(queue.state(ticket))
  try {
    // Whoever was decided upon at once cannot have left meanwhile; see `soonMs`.
    const isHere = clock.now() - cameAt < soonMs
    const slot = await queue.enter(ticket, isHere ? () => request.signal : request.signal)
    record.started(slot)
    return { place: slot, rateLimit: rateLimitFields(mine, bypass, slot.state) }
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
