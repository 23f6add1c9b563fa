// Finds the number of slots that a service bears, from the latency and failures of its requests.
import { type Clock, FerryError, systemClock } from '../core/index.ts'
import { checkWhole } from './limit-store.ts'

/**
 * Computes the limit of a queue from the outcome and latency of its tasks. Apply its changes to the queue yourself.
 *
 * @param options every field has a default
 * @throws FerryError `configuration` naming the option that is wrong
 * @example
 * const scaling = createScaling({ totals: () => queue.totals, onChange: ({ to }) => queue.setLimit(to) })
 * scaling.complete({ waitMs, runMs, outcome: 'ok', inFlight })
 */
export function createScaling(options: ScalingOptions = {}): Scaling {
  const settings: Required<ScalingOptions> = { ...defaults, ...options }
  check(settings)
  const { initial, windowMs, cooldownWindows, enabled, dryRun, totals, clock } = settings
  let proposed = initial
  let usualMs = Infinity
  let lastChange: ScalingChange | null = null
  let cooldown = 0
  let windowEnd = clock.now() + windowMs
  let samples: ScalingSample[] = []

  const endWindow = (now: number): void => {
    const measured = samples.filter(({ outcome }) => outcome === 'ok' || outcome === 'overload')
    const window = summarise(measured, usualMs, proposed)
    samples = []
    windowEnd = now + windowMs
    if (measured.length >= settings.minSamples) usualMs = slowMinimum(usualMs, window.p90)
    if (cooldown > 0) return void cooldown--
    const change = nextLimit(proposed, window, settings)
    if (!change) return
    if (change.to < change.from) cooldown = cooldownWindows
    lastChange = change
    proposed = change.to
    settings.onChange(change)
  }

  return {
    get limit() {
      return dryRun ? initial : proposed
    },
    get proposed() {
      return proposed
    },
    get inFlight() {
      return totals().running
    },
    get queued() {
      return totals().waiting
    },
    get lastChange() {
      return lastChange
    },
    complete: (sample) => {
      if (!enabled) return
      const now = clock.now()
      if (now >= windowEnd) endWindow(now)
      samples.push(sample)
    },
  }
}

/** Controls the concurrency limit of a queue. */
export interface Scaling {
  /** The limit to use. */
  readonly limit: number
  /** The computed limit; differs from {@link limit} in a dry run only. */
  readonly proposed: number
  /** Running tasks, as the queue counts them. */
  readonly inFlight: number
  /** Waiting tasks, as the queue counts them. */
  readonly queued: number
  /** Null before the first change. */
  readonly lastChange: ScalingChange | null
  /** Reports an ended task. The first task after a window closes it; there is no timer. */
  complete(sample: ScalingSample): void
}

/** A change of the limit with its reason: an overload, higher latency, or high utilisation. */
export interface ScalingChange {
  /** The limit before. */
  readonly from: number
  /** The limit afterwards. */
  readonly to: number
  readonly why: 'overload' | 'latency' | 'utilisation'
}

/** Options of {@link createScaling}. */
export interface ScalingOptions {
  /** Default: 4. */
  readonly min?: number
  /** Default: 128. */
  readonly max?: number
  /** Default: 32. */
  readonly initial?: number
  /** Length of a window, milliseconds. Default: 1000. */
  readonly windowMs?: number
  /** Tasks that a window needs before its latency and utilisation count; one overload always counts. Default: 10. */
  readonly minSamples?: number
  /** Added to the limit when utilisation is high. Default: 1. */
  readonly increase?: number
  /** Factor of the limit after overload or high latency, above 0 and below 1. Default: 0.9. */
  readonly decrease?: number
  /** Utilisation from which the limit grows, above 0 and up to 1. Default: 0.8. */
  readonly targetUtilisation?: number
  /** Latency that counts as high: the window's 90th percentile as a multiple of its slow minimum. Default: 2. */
  readonly latencyTolerance?: number
  /** Windows without a change after a decrease, until its effect is measurable. Default: 1. */
  readonly cooldownWindows?: number
  /** False: the limit stays `initial`. Default: true. */
  readonly enabled?: boolean
  /** Whether changes are computed and reported, but not applied. Default: false. */
  readonly dryRun?: boolean
  /** Current counters of the queue, reported beside the limit. Default: zeros. */
  readonly totals?: () => { readonly running: number; readonly waiting: number }
  /** Called for each change, also in a dry run. */
  readonly onChange?: (change: ScalingChange) => void
  readonly clock?: Clock
}

/** An ended task. */
export interface ScalingSample {
  /** Time in the queue, milliseconds. */
  readonly waitMs: number
  /** Service time, milliseconds. */
  readonly runMs: number
  readonly outcome: Outcome
  /** Running tasks when it started, itself included. */
  readonly inFlight: number
}

/**
 * How a task ended: `overload` means that a resource it needed was overloaded (429, 503, 504, or no answer in time);
 * `client-error` and `cancelled` say nothing about load.
 */
export type Outcome = 'ok' | 'client-error' | 'overload' | 'cancelled'

/** Statistics of one window. */
export interface ScalingWindow {
  /** Tasks that were neither cancelled nor client errors. */
  readonly samples: number
  readonly overloads: number
  /** 90th percentile of the service time, milliseconds. */
  readonly p90: number
  /** Slow minimum of that percentile, milliseconds; Infinity while unknown. */
  readonly usualMs: number
  /** Running tasks as a part of the limit, on average over the starts. */
  readonly utilisation: number
}

type Rule =
  | 'min'
  | 'max'
  | 'minSamples'
  | 'increase'
  | 'decrease'
  | 'targetUtilisation'
  | 'latencyTolerance'

/**
 * Change of the limit after a window: additive increase, multiplicative decrease.
 *
 * @returns null: no change
 */
export function nextLimit(
  limit: number,
  window: ScalingWindow,
  rule: Pick<Required<ScalingOptions>, Rule>,
): ScalingChange | null {
  const enough = window.samples >= rule.minSamples
  const slow = enough && window.p90 > rule.latencyTolerance * window.usualMs
  if (window.overloads > 0 || slow) {
    const to = Math.max(rule.min, Math.floor(limit * rule.decrease))
    const why = window.overloads > 0 ? 'overload' : 'latency'
    return to < limit ? { from: limit, to, why } : null
  }
  const to = Math.min(rule.max, limit + rule.increase)
  const needed = enough && window.utilisation >= rule.targetUtilisation
  return needed && to > limit ? { from: limit, to, why: 'utilisation' } : null
}

/**
 * The value that a part of all values does not exceed (nearest rank).
 *
 * @param part above 0, up to 1
 * @returns 0 for no values
 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(part * sorted.length) - 1] ?? 0
}

/** Fraction of the distance to a higher value by which the minimum moves per window: it adapts within minutes. */
const drift = 0.01

/** A minimum that falls at once and rises slowly, so that it follows a lasting increase of the service time. */
export function slowMinimum(minimum: number, value: number): number {
  return value <= minimum ? value : minimum + (value - minimum) * drift
}

const defaults = {
  min: 4,
  max: 128,
  initial: 32,
  windowMs: 1000,
  minSamples: 10,
  increase: 1,
  decrease: 0.9,
  targetUtilisation: 0.8,
  latencyTolerance: 2,
  cooldownWindows: 1,
  enabled: true,
  dryRun: false,
  totals: () => ({ running: 0, waiting: 0 }),
  onChange: () => undefined,
  clock: systemClock,
} satisfies Required<ScalingOptions>

function summarise(
  samples: readonly ScalingSample[],
  usualMs: number,
  limit: number,
): ScalingWindow {
  const inFlight = samples.reduce((sum, each) => sum + each.inFlight, 0)
  return {
    samples: samples.length,
    overloads: samples.filter(({ outcome }) => outcome === 'overload').length,
    p90: percentile(
      samples.map(({ runMs }) => runMs),
      0.9,
    ),
    usualMs,
    utilisation: samples.length === 0 ? 0 : inFlight / samples.length / limit,
  }
}

function check(settings: Required<ScalingOptions>): void {
  const { min, max, initial, windowMs, minSamples, increase, cooldownWindows } = settings
  checkWhole("The scaling's min", min, 1)
  checkWhole("The scaling's max", max, min)
  checkWhole("The scaling's initial", initial, min)
  checkWhole("The scaling's windowMs", windowMs, 1)
  checkWhole("The scaling's minSamples", minSamples, 1)
  checkWhole("The scaling's increase", increase, 1)
  checkWhole("The scaling's cooldownWindows", cooldownWindows, 0)
  const { decrease, targetUtilisation, latencyTolerance } = settings
  const wrong =
    (initial > max && `initial is ${initial}; give at most max, which is ${max}.`) ||
    (!(decrease > 0 && decrease < 1) && `decrease is ${decrease}; give a factor below 1.`) ||
    (!(targetUtilisation > 0 && targetUtilisation <= 1) &&
      `targetUtilisation is ${targetUtilisation}; give a number above 0 and up to 1.`) ||
    (!(latencyTolerance >= 1) &&
      `latencyTolerance is ${latencyTolerance}; give a factor of at least 1.`)
  if (wrong) throw new FerryError('configuration', `The scaling's ${wrong}`)
}
