import { expect, test } from 'vitest'
import { FakeClock } from '../../net/testing/FakeClock.ts'
import { createBreaker } from './introspection.ts'

function open() {
  const clock = new FakeClock(0)
  const breaker = createBreaker(clock, 5, 10_000, 1000)
  for (let at = 0; at < 5; at += 1) {
    expect(breaker.enter()).toBeNull()
    breaker.failed()
  }
  return { clock, breaker }
}

test('opens after five failures in a row, for ten seconds', async () => {
  const { clock, breaker } = open()
  expect(breaker.enter()).toBe(10_000)
  await clock.advance(9999)
  expect(breaker.enter()).toBe(1)
  await clock.advance(1)
  expect(breaker.enter()).toBeNull()
})

test('one question decides', async () => {
  const { clock, breaker } = open()
  await clock.advance(10_000)
  expect(breaker.enter()).toBeNull()
  expect(breaker.enter()).toBe(1000)
  breaker.failed()
  expect(breaker.enter()).toBe(10_000)
  await clock.advance(10_000)
  expect(breaker.enter()).toBeNull()
  breaker.succeeded()
  expect([breaker.enter(), breaker.enter()]).toEqual([null, null])
})

test('failures that are not in a row do not open it', () => {
  const breaker = createBreaker(new FakeClock(0), 2, 10_000, 1000)
  for (let at = 0; at < 10; at += 1) {
    breaker.failed()
    breaker.succeeded()
  }
  expect(breaker.enter()).toBeNull()
})

test('late failures do not prolong it', async () => {
  const { clock, breaker } = open()
  await clock.advance(5000)
  breaker.failed()
  expect(breaker.enter()).toBe(5000)
})
