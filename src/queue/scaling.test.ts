import { describe, expect, test } from 'vitest'
import { createScaling } from './scaling.ts'
import { nextLimit } from './scaling.ts'
import type { Outcome } from './scaling.ts'
import { percentile } from './scaling.ts'
import type { Scaling } from './scaling.ts'
import type { ScalingChange } from './scaling.ts'
import type { ScalingOptions } from './scaling.ts'
import { slowMinimum } from './scaling.ts'
import { manualClock } from './testing/manualClock.ts'

const rule = {
  min: 4,
  max: 128,
  minSamples: 10,
  increase: 1,
  decrease: 0.9,
  targetUtilisation: 0.8,
  latencyTolerance: 2,
}
const well = { samples: 20, overloads: 0, p90: 100, usualMs: 100, utilisation: 0.5 }

test.each([
  ['little used', 32, well, null],
  ['used', 32, { ...well, utilisation: 0.8 }, 33],
  ['used, too few tasks', 32, { ...well, utilisation: 1, samples: 9 }, null],
  ['used, at the most', 128, { ...well, utilisation: 1 }, null],
  ['one overload', 32, { ...well, samples: 1, overloads: 1 }, 28],
  ['overload while used', 32, { ...well, overloads: 1, utilisation: 1 }, 28],
  ['small limits go down too', 5, { ...well, overloads: 1 }, 4],
  ['not below the least', 4, { ...well, overloads: 1 }, null],
  ['slow', 32, { ...well, p90: 201 }, 28],
  ['just not slow', 32, { ...well, p90: 200 }, null],
  ['slow, too few tasks', 32, { ...well, p90: 900, samples: 9 }, null],
  ['speed still unknown', 32, { ...well, p90: 900, usualMs: Infinity }, null],
])('limit when %s', (_, limit, window, expected) => {
  expect(nextLimit(limit, window, rule)?.to ?? null).toBe(expected)
})

test('percentiles and slow minimum', () => {
  const ten = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
  expect([percentile(ten, 0.9), percentile(ten, 1), percentile([], 0.9)]).toEqual([9, 10, 0])
  expect(slowMinimum(Infinity, 50)).toBe(50)
  expect(slowMinimum(100, 50)).toBe(50)
  expect(slowMinimum(100, 200)).toBe(101)
})

describe('controller', () => {
  test('grows by one per window while the limit is used', async () => {
    const { scaling, window, changes } = setUp()
    for (let count = 0; count < 5; count++) await window('ok', scaling.limit)
    expect(scaling.limit).toBe(36)
    expect(scaling.lastChange).toEqual({ from: 35, to: 36, why: 'utilisation' })
    expect(changes).toHaveLength(4)
  })

  test('shrinks on overload, then waits one window for the effect', async () => {
    const { scaling, window } = setUp()
    await window('overload', 32)
    await window('overload', 32)
    expect(scaling.limit).toBe(28)
    await window('overload', 28)
    expect(scaling.limit).toBe(28)
    await window('ok', 1)
    expect(scaling.limit).toBe(25)
  })

  test('cancelled tasks and client errors do not count', async () => {
    const { scaling, window } = setUp()
    for (const outcome of ['cancelled', 'client-error', 'ok'] as const) await window(outcome, 32)
    expect(scaling.lastChange).toBeNull()
  })

  test('shrinks when work becomes twice as slow as usual', async () => {
    const { scaling, window } = setUp()
    for (let count = 0; count < 3; count++) await window('ok', 1, 100)
    await window('ok', 1, 250)
    await window('ok', 1)
    expect(scaling.lastChange).toEqual({ from: 32, to: 28, why: 'latency' })
  })

  test('a dry run reports changes and applies none', async () => {
    const { scaling, window, changes } = setUp({ dryRun: true })
    await window('overload', 32)
    await window('ok', 1)
    expect([scaling.limit, scaling.proposed, changes.length]).toEqual([32, 28, 1])
  })

  test('when disabled, the limit stays at its initial value', async () => {
    const { scaling, window } = setUp({ enabled: false, initial: 7 })
    for (let count = 0; count < 3; count++) await window('overload', 7)
    expect([scaling.limit, scaling.lastChange]).toEqual([7, null])
  })

  test('reports running and waiting tasks', () => {
    const { scaling } = setUp({ totals: () => ({ running: 3, waiting: 2 }) })
    expect([scaling.inFlight, scaling.queued]).toEqual([3, 2])
  })

  test.each<[string, ScalingOptions]>([
    ['min', { min: 0 }],
    ['max', { max: 3 }],
    ['initial', { initial: 1.5 }],
    ['decrease', { decrease: 1 }],
    ['targetUtilisation', { targetUtilisation: 80 }],
    ['latencyTolerance', { latencyTolerance: Number.NaN }],
  ])('names the wrong option: %s', (name, options) => {
    expect(() => createScaling(options)).toThrow(name)
  })
})

function setUp(options: ScalingOptions = {}): {
  scaling: Scaling
  changes: ScalingChange[]
  window: (outcome: Outcome, inFlight: number, runMs?: number) => Promise<void>
} {
  const clock = manualClock()
  const changes: ScalingChange[] = []
  const onChange = (change: ScalingChange): void => void changes.push(change)
  const scaling = createScaling({ clock, onChange, ...options })
  return {
    scaling,
    changes,
    window: async (outcome, inFlight, runMs = 100) => {
      for (let count = 0; count < 12; count++) {
        scaling.complete({ waitMs: 0, runMs, outcome, inFlight })
      }
      await clock.pass(1000)
    },
  }
}
