import { expect, test } from 'vitest'
import { sessionAfter } from './session.ts'

test.each([
  ['the first of all', [], 'ann', undefined, ['ann']],
  ['the same after a reload', ['ann'], 'ann', undefined, ['ann']],
  ['the same, beside another tab', ['ben', 'ann'], 'ann', undefined, ['ben', 'ann']],
  ['another one after a reload', ['ann'], 'ben', undefined, ['ben']],
  ['another one in the same page', ['ann'], 'ben', 'ann', ['ben']],
  ['another one, who is there in another tab, too', ['ann', 'ben'], 'ben', 'ann', ['ben']],
  ['nothing new', ['ann'], 'ann', 'ann', ['ann']],
  ['the same after another tab took over', ['ben'], 'ann', 'ann', ['ben', 'ann']],
  ['the same after a sign-out', [], 'ann', 'ann', ['ann']],
] as const)('%s', (_, grants, grant, before, after) => {
  expect(sessionAfter(grants, grant, before)).toEqual(after)
})

test('what changes nothing gives the same list; of rotated tokens the oldest go', () => {
  const grants = ['1', '2', '3', '4', '5', '6', '7', '8']
  expect(sessionAfter(grants, '3', '3')).toBe(grants)
  expect(sessionAfter(grants, '9', '9')).toEqual(['2', '3', '4', '5', '6', '7', '8', '9'])
})
