import { expect, it } from 'vitest'
import { Throughput } from './Throughput.ts'

it('sums the bytes of all files', () => {
  const throughput = new Throughput()
  throughput.add('a', 0, 0)
  throughput.add('b', 0, 10)
  throughput.add('a', 1000, 250)
  throughput.add('b', 500, 390)
  expect(throughput.series().slice(-3)).toEqual([0, 0, 1500])
})

it('counts a small file with only one report, and a repeated report only once', () => {
  const throughput = new Throughput()
  throughput.add('a', 100, 0)
  throughput.add('a', 100, 100)
  expect(throughput.series().at(-1)).toBe(100)
})

it('takes a smaller value for a new load, and drops old steps', () => {
  const throughput = new Throughput()
  throughput.add('a', 1000, 0)
  throughput.add('a', 200, 250)
  expect(throughput.series().at(-1)).toBe(1200)
  throughput.add('a', 200, 60_000)
  expect(Math.max(...throughput.series())).toBe(0)
})
