import { expect, test } from 'vitest'
import { verdict } from './errors.ts'

test.each([
  [400, 'renew'],
  [401, 'renew'],
  [403, 'renew'],
  [404, 'renew'],
  [408, 'again'],
  [429, 'again'],
  [500, 'again'],
  [503, 'again'],
  [599, 'again'],
  [501, 'stop'],
  [304, 'stop'],
  [405, 'stop'],
  [410, 'stop'],
  [416, 'stop'],
  [600, 'stop'],
] as const)('status %i: %s, for any deadline', (status, expected) => {
  expect(verdict({ status, nearDeadline: false })).toBe(expected)
  expect(verdict({ status, nearDeadline: true })).toBe(expected)
})

test('no readable answer counts as a refusal only near the deadline', () => {
  expect(verdict({ nearDeadline: false })).toBe('again')
  expect(verdict({ nearDeadline: true })).toBe('renew')
})
