import { expect, it } from 'vitest'
import { describeStretches } from './describeStretches.ts'

it.each([
  [[], 'No speech.'],
  [[{ start: 0.64, end: 2.304 }], 'Speech from 0.6 to 2.3 s.'],
  [
    [
      { start: 0, end: 1 },
      { start: 2, end: 3 },
      { start: 4, end: 5.5 },
    ],
    'Speech from 0.0 to 1.0 s, from 2.0 to 3.0 s and from 4.0 to 5.5 s.',
  ],
])('says %j', (stretches, words) => expect(describeStretches(stretches)).toBe(words))
