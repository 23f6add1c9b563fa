import { expect, it } from 'vitest'
import { findStretches } from './findStretches.ts'

/** One character a window: `#` speech, `+` a little below the threshold, `.` silence. */
function stretches(curve: string): [start: number, end: number][] {
  const levels: Record<string, number> = { '#': 0.9, '+': 0.4, '.': 0.01 }
  const found = findStretches(Array.from(curve, (mark) => levels[mark] ?? 0))
  return found.map(({ start, end }) => [Math.round(start / 0.032), Math.round(end / 0.032)])
}

it.each([
  ['nothing', '', []],
  ['silence', '.....', []],
  ['speech from end to end', '#####', [[0, 5]]],
  ['a stretch, windows included', '..####..', [[2, 6]]],
  ['a soft end as part of it', '..###++.', [[2, 7]]],
  ['no soft beginning', '.++###..', [[3, 6]]],
  ['one stretch over a short gap', '####...####', [[0, 11]]],
  [
    'two stretches over a long gap',
    '####....####',
    [
      [0, 4],
      [8, 12],
    ],
  ],
  ['no click', '...##...', []],
] as const)('finds %s', (_, curve, expected) => expect(stretches(curve)).toEqual(expected))
