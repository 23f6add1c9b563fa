import { FerryError } from '../core/FerryError.ts'
import { systemClock } from '../core/systemClock.ts'
import { checkWhole } from './checkWhole.ts'
import { nextLimit } from './nextLimit.ts'
import { percentile } from './percentile.ts'
import type { Scaling } from './Scaling.ts'
import type { ScalingChange } from './ScalingChange.ts'
import type { ScalingOptions } from './ScalingOptions.ts'
import type { ScalingSample } from './ScalingSample.ts'
import type { ScalingWindow } from './ScalingWindow.ts'
import { slowMinimum } from './slowMinimum.ts'

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
