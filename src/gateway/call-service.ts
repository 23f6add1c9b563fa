import { alarm } from '../core/index.ts'
import { abortCheckDelayMs, type HeldSlot } from './admission.ts'
import { internalProblem, goneProblem, type Problem } from './problems.ts'
import type { Settings } from './options.ts'
import type { Service, ServiceContext } from './service.ts'

/** Checks the properties, because servers and other realms have their own classes. Error responses and used bodies do not count. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers, body, bodyUsed } = value as Partial<Response>
  return (
    typeof status === 'number' &&
    status >= 200 &&
    bodyUsed === false &&
    typeof headers?.get === 'function' &&
    (body === null || typeof body?.getReader === 'function')
  )
}

/** An abort signal that is created on first use: most work never needs one, and creating it is expensive. */
class LazySignal {
  #controller: AbortController | undefined
  #reason: unknown

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** @param reason of the signal; the first one counts */
  abort(reason: unknown): void {
    this.#reason ??= reason ?? new DOMException('Aborted.', 'AbortError')
    this.#controller?.abort(this.#reason)
  }
}

/** Result of a call to a service. */
export type ServiceResult = { readonly response: Response } | { readonly problem: Problem }

/**
 * Calls a service once, and waits for its response up to the time limit.
 *
 * @param service that the path belongs to
 * @param request as passed to the service
 * @param context without the signal, which is created here
 * @param slot `signal` aborts when the response is no longer needed; `release` is called here when there is no
 * response, and never before the service has settled
 * @param rules for the time limit
 */
export async function callService(
  service: Service,
  request: Request,
  context: Omit<ServiceContext, 'signal'>,
  slot: HeldSlot,
  { clock, headersMs }: Pick<Settings, 'clock' | 'headersMs'>,
): Promise<ServiceResult> {
  const work = new LazySignal()
  const limitMs = service.headersMs ?? headersMs
  const lateAt = clock.now() + limitMs
  let watchSlot: (() => void) | undefined
  const { decision, credential, requestId, peer } = context
  const whole: ServiceContext = {
    decision,
    credential,
    requestId,
    peer,
    get carry() {
      return context.carry
    },
    get signal() {
      watchSlot?.()
      return work.signal
    },
    failed: (error) => context.failed(error),
  }
  const given = settle(service, request, whole)

  const first = await new Promise<Settled | 'disconnected' | 'late'>((resolve) => {
    let stopAlarm = alarm(clock, Math.min(abortCheckDelayMs, limitMs), () => watchSlot?.())
    watchSlot = () => {
      watchSlot = undefined
      stopAlarm()
      const { signal } = slot
      const leave = (): void => {
        work.abort(signal.reason)
        resolve('disconnected')
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      stopAlarm = alarm(clock, lateAt - clock.now(), () => resolve('late'))
    }
    void given.then((settled) => {
      stopAlarm()
      return resolve(settled)
    })
  })

  if (first === 'late') {
    const reason = new DOMException('The answer took too long.', 'TimeoutError')
    work.abort(reason)
    // A service that ignores its signal must not hold the slot longer than the client waits.
    slot.abort(reason)
    void given.then(discard)
    return { problem: lateProblem }
  }
  if (first === 'disconnected') {
    // The slot is released when the work has ended; otherwise more requests would run than allowed.
    void given.then(discard).finally(() => slot.release())
    return { problem: goneProblem }
  }
  if (!('value' in first) || !isResponse(first.value)) {
    if ('error' in first) context.failed(first.error)
    slot.release()
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
