import { type Clock, FerryError, systemClock } from '../core/index.ts'
import { checkWhole } from './limit-store.ts'

/** Steers one number: how many tasks may run at once. */
export interface Scaling {
  /** What is to be used. */
  readonly limit: number
  /** What would be used: differs from {@link limit} in a dry run only. */
  readonly proposed: number
  readonly inFlight: number
  readonly queued: number
  /** Null until there was one. */
  readonly lastChange: ScalingChange | null
  /** Takes a task into account. Windows are closed by the first task after them: there is no timer. */
  complete(sample: ScalingSample): void
}

/** A step of the limit, and why: something was overloaded, it became slow, or there was need for more. */
export interface ScalingChange {
  readonly from: number
  readonly to: number
  readonly why: 'overload' | 'latency' | 'utilisation'
}

/** How the limit of a queue is steered. */
export interface ScalingOptions {
  /** Default: 4. */
  readonly min?: number
  /** Default: 128. */
  readonly max?: number
  /** Default: 32. */
  readonly initial?: number
  /** Milliseconds that are judged together. Default: 1000. */
  readonly windowMs?: number
  /** Tasks that a window needs before speed or use are judged by it; one overload is always enough. Default: 10. */
  readonly minSamples?: number
  /** Added when all is well and the limit is used. Default: 1. */
  readonly increase?: number
  /** Factor when something is overloaded or slow, above 0 and below 1. Default: 0.9. */
  readonly decrease?: number
  /** Part of the limit that has to run before it grows, above 0 and up to 1. Default: 0.8. */
  readonly targetUtilisation?: number
  /** How many times as slow as usual is slow: the window's 90th percentile against a slow minimum. Default: 2. */
  readonly latencyTolerance?: number
  /** Windows after a decrease in which nothing is changed: its effect has to show first. Default: 1. */
  readonly cooldownWindows?: number
  /** False: the limit is `initial` for ever. Default: true. */
  readonly enabled?: boolean
  /** Computes and tells changes, and applies none. Default: false. */
  readonly dryRun?: boolean
  /** What runs and waits now, to be told beside the limit. Default: nothing. */
  readonly totals?: () => { readonly running: number; readonly waiting: number }
  /** Told of each change, also in a dry run. */
  readonly onChange?: (change: ScalingChange) => void
  readonly clock?: Clock
}

/** One task that has ended. */
export interface ScalingSample {
  /** Milliseconds in the queue. */
  readonly waitMs: number
  /** Milliseconds of service. */
  readonly runMs: number
  readonly outcome: Outcome
  /** Tasks that ran when it started, itself among them. */
  readonly inFlight: number
}

/**
 * How a task ended: `overload` means that a resource it needed was overloaded (429, 503, 504, or no answer in time);
 * `client-error` and `cancelled` say nothing about load.
 */
export type Outcome = 'ok' | 'client-error' | 'overload' | 'cancelled'

/** What one window came to. */
export interface ScalingWindow {
  /** Tasks that tell something about load: neither cancelled nor the client's fault. */
  readonly samples: number
  readonly overloads: number
  /** Milliseconds: 90th percentile of service. */
  readonly p90: number
  /** Milliseconds: what that percentile usually is when all is well; Infinity while unknown. */
  readonly usualMs: number
  /** Part of the limit that ran, on average over the starts. */
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
 * What a window changes: additive increase, multiplicative decrease.
 *
 * @returns null: nothing
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

/** How much of the way to a higher value the minimum follows per window: it forgets a fast past in some minutes. */
const drift = 0.01

/** A minimum that is lowered at once and raised slowly, so that it stays true when work becomes heavier for good. */
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

/**
 * Steers a queue's limit by how its tasks fare. It only computes: hand changes on to the queue.
 *
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

  const close = (now: number): void => {
    const told = samples.filter(({ outcome }) => outcome === 'ok' || outcome === 'overload')
    const window = summarise(told, usualMs, proposed)
    samples = []
    windowEnd = now + windowMs
    if (told.length >= settings.minSamples) usualMs = slowMinimum(usualMs, window.p90)
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
      if (now >= windowEnd) close(now)
      samples.push(sample)
    },
  }
}

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
      `targetUtilisation is ${targetUtilisation}; give a part of 1.`) ||
    (!(latencyTolerance >= 1) &&
      `latencyTolerance is ${latencyTolerance}; give a factor of at least 1.`)
  if (wrong) throw new FerryError('configuration', `The scaling's ${wrong}`)
}
