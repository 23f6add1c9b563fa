import { expect, it } from 'vitest'
import { Throughput } from './Throughput.ts'

it('counts what came, of all files together', () => {
  const throughput = new Throughput()
  throughput.add('a', 0, 0)
  throughput.add('b', 0, 10)
  throughput.add('a', 1000, 250)
  throughput.add('b', 500, 390)
  expect(throughput.series().slice(-2)).toEqual([0, 7500])
})

it('does not count what was there before', () => {
  const throughput = new Throughput()
  throughput.add('a', 5_000_000, 0)
  throughput.add('a', 5_000_100, 100)
  expect(throughput.series().at(-1)).toBe(500)
})

it('does not count a file that shrinks, and forgets the distant past', () => {
  const throughput = new Throughput()
  throughput.add('a', 0, 0)
  throughput.add('a', 1000, 100)
  throughput.add('a', 0, 200)
  expect(throughput.series().at(-1)).toBe(0)
  throughput.add('a', 0, 60_000)
  expect(Math.max(...throughput.series())).toBe(0)
})
