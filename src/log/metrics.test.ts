import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMetrics, formatMetric } from './metrics.ts'

const idle = { waiting: 0, running: 0 }

/** Samples by name and labels, parsed from the text format alone. */
function read(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  const described = new Set<string>()
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.slice(0, -1).split('\n')) {
    const about = /^# (?:HELP ([a-z_]+) .+|TYPE ([a-z_]+) (?:counter|gauge|histogram))$/.exec(line)
    if (about !== null) {
      described.add(about[1] ?? about[2]!)
      continue
    }
    const sample = /^([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"\})? (\+Inf|\d+(?:\.\d+)?)$/.exec(
      line,
    )
    expect(sample, line).not.toBeNull()
    const [, name, labels = '', value] = sample!
    expect(described).toContain(name!.replace(/_(?:bucket|sum|count)$/, ''))
    expect(samples.has(name! + labels), line).toBe(false)
    samples.set(name! + labels, Number(value))
  }
  return samples
}

test('has every series from the start', () => {
  const samples = read(createMetrics().text(idle))
  expect(new Set([...samples.keys()].map((key) => key.split('{')[0]))).toEqual(
    new Set([
      'auth_decisions_total',
      'queue_waiting',
      'queue_running',
      'queue_rejected_total',
      'queue_wait_ms_bucket',
      'queue_wait_ms_sum',
      'queue_wait_ms_count',
      'verdict_cache_total',
    ]),
  )
  expect([...samples.values()].every((value) => value === 0)).toBe(true)
})

test('counts', () => {
  const metrics = createMetrics()
  metrics.decided('NONE')
  metrics.decided('NONE')
  metrics.refused('keys')
  metrics.lookedUp('stale')
  metrics.waited(0)
  metrics.waited(10)
  metrics.waited(90_000.5)
  metrics.waited(Number.NaN)
  metrics.waited(-1)
  const samples = read(metrics.text({ waiting: 3, running: 32 }))
  expect(samples.get('auth_decisions_total{reason="NONE"}')).toBe(2)
  expect(samples.get('auth_decisions_total{reason="DB_TOKEN"}')).toBe(0)
  expect(samples.get('queue_waiting')).toBe(3)
  expect(samples.get('queue_running')).toBe(32)
  expect(samples.get('queue_rejected_total{why="keys"}')).toBe(1)
  expect(samples.get('verdict_cache_total{result="stale"}')).toBe(1)
  expect(samples.get('queue_wait_ms_bucket{le="1"}')).toBe(1)
  expect(samples.get('queue_wait_ms_bucket{le="10"}')).toBe(2)
  expect(samples.get('queue_wait_ms_bucket{le="60000"}')).toBe(2)
  expect(samples.get('queue_wait_ms_bucket{le="+Inf"}')).toBe(3)
  expect(samples.get('queue_wait_ms_count')).toBe(3)
  expect(samples.get('queue_wait_ms_sum')).toBe(90_010.5)
})

describe('any counted value', () => {
  test('adds at most one series per counter', () => {
    const before = read(createMetrics().text(idle)).size
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (values) => {
        const metrics = createMetrics()
        for (const value of [...values, '__proto__', 'toString']) {
          metrics.decided(value as 'NONE')
          metrics.refused(value as 'keys')
          metrics.lookedUp(value as 'hit')
        }
        const samples = read(metrics.text(idle))
        expect(samples.size).toBe(before + 3)
        expect(samples.get('queue_rejected_total{why="other"}')).toBe(values.length + 2)
      }),
    )
  })

  test('keeps cumulative buckets non-decreasing', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (values) => {
        const metrics = createMetrics()
        for (const value of values) metrics.waited(value)
        const text = metrics.text(idle)
        const buckets = [...text.matchAll(/_bucket\{.*\} (\d+)/g)].map(([, count]) => Number(count))
        expect(buckets).toEqual(buckets.toSorted((a, b) => a - b))
        expect(buckets.at(-1)).toBe(values.filter((value) => value >= 0 && value < Infinity).length)
      }),
    )
  })
})

test('label values and help are escaped', () => {
  expect(
    formatMetric({
      name: 'x',
      type: 'gauge',
      help: 'a\\b\n"c"',
      samples: [{ label: ['l', 'a\\b\n"c"'], value: -Infinity }],
    }),
  ).toBe('# HELP x a\\\\b\\n"c"\n# TYPE x gauge\nx{l="a\\\\b\\n\\"c\\""} -Inf\n')
})
