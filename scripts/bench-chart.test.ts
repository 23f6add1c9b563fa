import { describe, expect, test } from 'vitest'

import { benchChart, benchTable, withResult, type BenchResult, type Figure } from './bench-chart.ts'

const source = { mode: 'load', subject: 'a.bin', variant: 'ours', value: 'ratio' } as const
const slow: Figure = { measure: 'slow `fetch`', target: 1, measured: 2, note: '3 rounds', source }
const fast: Figure = { measure: 'share', target: 0.9, measured: 0.96, more: true }
const unknown: Figure = { measure: 'unknown', unit: 'MB', target: 160 }

describe('the table', () => {
  test('says which targets are reached, which are not, and what was not measured', () => {
    expect(benchTable([slow, fast, unknown]).split('\n').slice(2)).toEqual([
      '| slow `fetch` | ≤ 1 | 2 | **behind** | 3 rounds |',
      '| share | ≥ 0.9 | 0.96 | reached |  |',
      '| unknown | ≤ 160 MB | not measured |  |  |',
    ])
  })
})

describe('the chart', () => {
  test('has a bar to the right of 1 for what is behind, to the left for what is reached, and none without a value', () => {
    const chart = benchChart([slow, fast, unknown])
    const bars = [...chart.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map(
      ([, x, length]) => [Number(x), Number(x) + Number(length)],
    )
    expect(bars).toHaveLength(2)
    const one = bars[0]![0]!
    expect(bars[0]![1]).toBeGreaterThan(one)
    expect(bars[1]![1]).toBe(one)
    expect(chart).toContain('2.00 behind')
    expect(chart).not.toContain('unknown')
  })

  test('ends at ten times the target', () => {
    const [, x = 0, length = 0] = /<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/.exec(
      benchChart([{ ...slow, measured: 1000 }]),
    )!
    expect(Number(x) + Number(length)).toBeLessThan(980)
  })
})

describe('the figures of a run', () => {
  const run = (more: Partial<BenchResult['options']>, unit = 'ms'): BenchResult => ({
    unit,
    options: { name: 'load', rounds: 5, bytesPerSecond: null, ...more },
    compared: [{ subject: 'a.bin', variant: 'ours', median: 450e6, ratio: 1.23456 }],
  })

  test('replace the figures of the same row, with their rounds and conditions', () => {
    const [figure] = withResult([slow], run({}), 'busy machine')
    expect(figure).toEqual({ ...slow, measured: 1.23, note: '5 rounds, busy machine' })
  })

  test('are megabytes where the run measured bytes', () => {
    const memory: Figure = { ...slow, source: { ...source, value: 'median' } }
    expect(withResult([memory], run({}, 'MB'), '')[0]).toMatchObject({
      measured: 450,
      note: '5 rounds',
    })
  })

  test('replace no figure of another line, mode or row', () => {
    const others = [
      { ...slow, source: { ...source, bandwidth: 20 } },
      { ...slow, source: { ...source, mode: 'warm' } },
      { ...slow, source: { ...source, variant: 'theirs' } },
      fast,
    ]
    expect(withResult(others, run({}), '')).toEqual(others)
    expect(withResult([slow], run({ bytesPerSecond: 20e6 }), '')).toEqual([slow])
  })
})
