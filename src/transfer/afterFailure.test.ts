import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { afterFailure } from './load-piece.ts'

const status = (code: number): FerryError =>
  new FerryError('http', 'No.', { status: code, retryable: code >= 500 || code === 429 })
const cut = new FerryError('network', 'Cut.', { retryable: true })

test.each([
  ['500', status(500), true, false, 'again'],
  ['429', status(429), true, false, 'again'],
  ['501', status(501), true, false, 'stop'],
  ['416', status(416), true, false, 'stop'],
  ['403', status(403), true, false, 'renew'],
  ['404', status(404), true, false, 'renew'],
  ['403 of what does not expire', status(403), false, false, 'again'],
  ['a cut', cut, true, false, 'again'],
  ['a cut near the deadline', cut, true, true, 'renew'],
  ['a stall', new FerryError('timeout', 'Late.', { retryable: true }), true, false, 'again'],
  ['bytes that do not decode', new FerryError('protocol', 'What?'), true, false, 'again'],
  ['bytes that do not hash', new FerryError('integrity', 'What?'), true, true, 'again'],
  ['no room', new FerryError('quota', 'Full.'), true, false, 'stop'],
  ['another tab took over', new FerryError('superseded', 'Gone.'), true, false, 'stop'],
  ['an error of ours', new TypeError('undefined is not a function'), true, true, 'stop'],
] as const)('%s', (_, error, expires, nearDeadline, expected) => {
  expect(afterFailure({ error, expires, nearDeadline })).toBe(expected)
})
