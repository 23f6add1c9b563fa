import { expect, test } from 'vitest'
import { Bandwidth } from './bandwidth.ts'

test('is unknown before the first sample, and after empty samples', () => {
  const bandwidth = new Bandwidth()
  bandwidth.add(0, 100)
  bandwidth.add(100, 0)
  bandwidth.add(Number.NaN, 100)
  expect(bandwidth.bytesPerSecond).toBeNull()
})

test('returns a steady speed exactly, from the first sample on', () => {
  const bandwidth = new Bandwidth()
  for (let index = 0; index < 5; index++) {
    bandwidth.add(1_000_000, 500)
    expect(bandwidth.bytesPerSecond).toBeCloseTo(2_000_000)
  }
})

const speed = (...samples: [bytes: number, ms: number][]): number => {
  const bandwidth = new Bandwidth()
  bandwidth.add(60_000_000, 60_000)
  for (const sample of samples) bandwidth.add(...sample)
  return bandwidth.bytesPerSecond ?? Number.NaN
}

test('follows a drop at once, and a burst only when it lasts', () => {
  expect(speed([300_000, 3_000])).toBeLessThan(600_000)
  expect(speed([30_000_000, 3_000])).toBeLessThan(3_000_000)
  expect(speed([600_000_000, 60_000])).toBeGreaterThan(9_000_000)
})
