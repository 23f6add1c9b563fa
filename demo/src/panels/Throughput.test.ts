import { expect, it } from 'vitest'
import { Throughput } from './Throughput.ts'

it('counts what came, of all files together', () => {
  const throughput = new Throughput()
  throughput.add('a', 0, 0)
  throughput.add('b', 0, 10)
  throughput.add('a', 1000, 250)
  throughput.add('b', 500, 390)
  expect(throughput.series().slice(-3)).toEqual([0, 0, 1500])
})

it('counts a small file, which has but one figure, and the same figure only once', () => {
  const throughput = new Throughput()
  throughput.add('a', 100, 0)
  throughput.add('a', 100, 100)
  expect(throughput.series().at(-1)).toBe(100)
})

it('takes a falling figure for a new load, and forgets the distant past', () => {
  const throughput = new Throughput()
  throughput.add('a', 1000, 0)
  throughput.add('a', 200, 250)
  expect(throughput.series().at(-1)).toBe(1200)
  throughput.add('a', 200, 60_000)
  expect(Math.max(...throughput.series())).toBe(0)
})
