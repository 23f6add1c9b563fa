import { expect, test } from 'vitest'
import { versionOrder } from './worker-params.ts'

test.each([
  ['1.9.12', '1.10.2', 'older than'],
  ['0.20.0', '1.10.2', 'older than'],
  ['1.10.3', '1.10.2', 'newer than'],
  ['2.0.0', '1.10.2', 'newer than'],
  ['1.10.2', '1.10.2', 'of another build than'],
])('%s beside %s is %s it', (version, other, order) => {
  expect(versionOrder(version, other)).toBe(order)
})
