import type { ScalingChange } from './ScalingChange.ts'
import type { ScalingOptions } from './ScalingOptions.ts'
import type { ScalingWindow } from './ScalingWindow.ts'

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
