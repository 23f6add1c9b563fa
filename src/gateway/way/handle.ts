import { alarm } from '../../queue/alarm.ts'
import type { Problem } from '../answer/Problem.ts'
import { internalProblem } from '../answer/internalProblem.ts'
import type { Rules } from '../Rules.ts'
import type { Service } from '../Service.ts'
import type { ServiceContext } from '../ServiceContext.ts'
import type { Place } from './enter.ts'
import { goneProblem } from './goneProblem.ts'
import { isResponse } from './isResponse.ts'
import { LazySignal } from './LazySignal.ts'
import { soonMs } from './soonMs.ts'

/** What came of calling a service. */
export type Handled = { readonly response: Response } | { readonly problem: Problem }

/**
 * Calls a service once, and waits for its answer as long as it may take.
 *
 * @param service whose request it is
 * @param request as the service may see it
 * @param context without the signal, which is made here
 * @param place `signal` says when nobody wants the answer any more; `release` is called here when there is no answer
 *   to hold the place for, and never before the service has settled
 * @param rules for the time it may take
 */
export async function handle(
  service: Service,
  request: Request,
  context: Omit<ServiceContext, 'signal'>,
  place: Place,
  { clock, headersMs }: Pick<Rules, 'clock' | 'headersMs'>,
): Promise<Handled> {
  const work = new LazySignal()
  const limitMs = service.headersMs ?? headersMs
  const lateAt = clock.now() + limitMs
  let attend: (() => void) | undefined
  const { decision, requestId, peer } = context
  const whole: ServiceContext = {
    decision,
    requestId,
    peer,
    get carry() {
      return context.carry
    },
    get signal() {
      attend?.()
      return work.signal
    },
  }
  const given = settle(service, request, whole)

  const first = await new Promise<Settled | 'gone' | 'late'>((resolve) => {
    let callOff = alarm(clock, Math.min(soonMs, limitMs), () => attend?.())
    attend = () => {
      attend = undefined
      callOff()
      const { signal } = place
      const leave = (): void => {
        work.abort(signal.reason)
        resolve('gone')
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      callOff = alarm(clock, lateAt - clock.now(), () => resolve('late'))
    }
    void given.then((settled) => {
      callOff()
      return resolve(settled)
    })
  })

  if (typeof first === 'string') {
    if (first === 'late') work.abort(new DOMException('It took too long.', 'TimeoutError'))
    // The slot is free when the work has really ended, or more would run than may.
    void given.then(discard).finally(() => place.release())
    return { problem: first === 'late' ? lateProblem : goneProblem }
  }
  if (!('value' in first) || !isResponse(first.value)) {
    place.release()
    return { problem: internalProblem }
  }
  return { response: first.value }
}

type Settled = { readonly value: unknown } | { readonly error: unknown }

async function settle(
  service: Service,
  request: Request,
  context: ServiceContext,
): Promise<Settled> {
  try {
    return { value: await service.handle(request, context) }
  } catch (error) {
    return { error }
  }
}

async function discard(settled: Settled): Promise<void> {
  if (!('value' in settled) || !isResponse(settled.value)) return
  await settled.value.body?.cancel().catch(() => undefined)
}

const lateProblem: Problem = {
  status: 504,
  title: 'Gateway Timeout',
  detail: 'The service took too long to answer. Try again later.',
}
