import type { Clock } from '../core/index.ts'
import { unauthenticated } from './decide.ts'
import type { Decision } from '../auth/index.ts'
import type { Log, LogEvent, LogFields } from '../log/index.ts'
import type { QueueRefusal, QueueState, RefusalWhy, Slot } from '../queue/index.ts'

/** Result of a request. */
export interface Completion {
  readonly decision: Decision
  /** Name of the service. */
  readonly service: string
  /** HTTP status as sent; 499 for a client that disconnected. */
  readonly status: number
  /** Milliseconds in the queue; null: it was not admitted. */
  readonly waitMs: number | null
  /** Milliseconds from its start to its end; null: it never started. */
  readonly runMs: number | null
  /** Requests that held a slot when it got its own, itself included; null: it never had one. */
  readonly inFlight: number | null
  /** `overload`: the service was overloaded, or took too long. */
  readonly outcome: 'ok' | 'client-error' | 'server-error' | 'overload' | 'cancelled'
}

/** Observes requests for services. It should not throw; its errors are dropped. */
export interface Observer {
  /** Called once for every request with a decision, before it queues. */
  decided?(decision: Decision): void
  /** @param waitMs milliseconds in the queue */
  started?(waitMs: number): void
  /** Called when the queue refused the request. */
  refused?(why: RefusalWhy): void
  /** Called once for every request with a decision, when the last byte of its response was sent or never will be. */
  ended?(completion: Completion): void
}

/**
 * Classifies the status of a service.
 *
 * @param status of the answer
 */
export function outcomeOf(status: number): Completion['outcome'] {
  if (status === 499) return 'cancelled'
  if (status === 429 || status === 503 || status === 504) return 'overload'
  if (status >= 500) return 'server-error'
  return status >= 400 ? 'client-error' : 'ok'
}

/** Reports the steps of one request to log and observers. */
export interface RequestRecord {
  /** @param shadow a decision that does not apply, if there is one; see {@link Rollout} */
  decided(decision: Decision, shadow?: Promise<Decision | undefined>): void
  entered(state: QueueState): void
  /** @param slot undefined: the request skipped the queue */
  started(slot?: Pick<Slot, 'waitMs' | 'state'>): void
  refused(refusal: QueueRefusal): void
  /** The client left the queue. */
  aborted(): void
  /** An error that a response does not show, for the log; the first one counts. */
  failed(error: unknown): void
  /** The first call counts. */
  ended(status: number, outcome?: Completion['outcome']): void
}

/** Counts running requests of the whole gateway, independent of its settings. */
export interface Load {
  /** Requests that hold a slot of the queue. */
  running: number
}

/** Targets of a record. */
interface RecordTargets {
  readonly log?: Log
  readonly observers: readonly Observer[]
  readonly clock: Clock
  readonly load: Load
}

/**
 * Opens the record of a request for a service.
 *
 * @param settings that apply to the request
 * @param request its `method` is logged
 * @param facts `route` is a pattern
 */
export function openRecord(
  settings: RecordTargets,
  { method }: Request,
  facts: { readonly requestId: string; readonly service: string; readonly route: string },
): RequestRecord {
  const { log, observers, clock, load } = settings
  let decision: Decision | undefined
  let waitMs: number | null = null
  let entered: { readonly at: number; readonly state: QueueState } | null = null
  let startedAt: number | null = null
  let inFlight: number | null = null
  let over = false
  let cause: string | undefined

  const tell = (step: (observer: Observer) => void): void => {
    for (const observer of observers) {
      try {
        step(observer)
      } catch {
        // A failing counter must not fail a request.
      }
    }
  }
  const write = (
    event: LogEvent,
    by: Decision,
    more: Partial<Pick<LogFields, 'status' | 'waitMs' | 'runMs' | 'kind' | 'error'>> & {
      readonly state?: QueueState | undefined
    } = {},
  ): void => {
    log?.line({
      event,
      ...facts,
      kind: more.kind ?? by.kind,
      reason: by.reason,
      tier: by.tier,
      subject: by.subject ?? by.keyId,
      site: by.site,
      network: by.network,
      tokenSource: by.tokenSource,
      method,
      status: more.status ?? null,
      waitMs: more.waitMs ?? null,
      runMs: more.runMs ?? null,
      queue: more.state ?? null,
      ...(more.error !== undefined && { error: more.error }),
    })
  }
  const waitedSoFar = (): number | null => (entered === null ? null : clock.now() - entered.at)
  const runMs = (): number | null => (startedAt === null ? null : clock.now() - startedAt)

  return {
    decided(made, shadow) {
      decision = made
      write('auth.decision', made, { status: made.status })
      tell((observer) => observer.decided?.(made))
      void shadow?.then(
        (other) =>
          other &&
          write('auth.decision', other, { status: other.status, kind: `shadow:${other.kind}` }),
      )
    },
    entered(state) {
      entered = { at: clock.now(), state }
      if (decision !== undefined) write('queue.enter', decision, { state })
    },
    started(slot) {
      startedAt = clock.now()
      if (decision === undefined || slot === undefined) return
      inFlight = ++load.running
      const waited = slot.waitMs
      waitMs = waited
      write('queue.start', decision, { waitMs: waited, state: slot.state })
      tell((observer) => observer.started?.(waited))
    },
    refused(refusal) {
      const { why, status, state } = refusal
      waitMs = waitedSoFar()
      if (decision !== undefined)
        write('queue.reject', decision, { status: status ?? null, waitMs, state })
      tell((observer) => observer.refused?.(why))
    },
    aborted() {
      waitMs = waitedSoFar()
      if (decision !== undefined) write('queue.abort', decision, { waitMs, state: entered?.state })
    },
    failed: (error) => void (cause ??= codeOf(error)),
    ended(status, outcome = outcomeOf(status)) {
      if (over) return
      over = true
      if (inFlight !== null) load.running--
      const ran = runMs()
      const failure = cause === undefined ? {} : { error: cause }
      if (decision === undefined) {
        // The gateway failed before the decision. That is logged too.
        write('request.end', unauthenticated, { status, kind: 'undecided', ...failure })
        return
      }
      const by = decision
      write('request.end', by, { status, waitMs, runMs: ran, ...failure })
      tell((observer) =>
        observer.ended?.({
          decision: by,
          service: facts.service,
          status,
          waitMs,
          runMs: ran,
          inFlight,
          outcome,
        }),
      )
    },
  }
}

/** The code of an error, such as ECONNREFUSED, or its name. Not its message, which may contain names of files and addresses. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException
    if (typeof code === 'string') return code
  }
  return error instanceof Error ? error.name : typeof error
}
