import { expect, test } from 'vitest'
import { isUsable } from './reconstructions.ts'

const arrived = 1_000_000_000
const hour = 3_600_000

/** Cases: lifetime on arrival, skew, local time since arrival, time needed. */
test.each([
  ['fresh', hour, 0, 0, 0, true],
  ['a minute and a bit before its end', hour, 0, hour - 60_001, 0, true],
  ['within the last minute', hour, 0, hour - 60_000, 0, false],
  ['past', hour, 0, hour + 1, 0, false],
  ['long enough for what is needed', hour, 0, hour - 360_001, 300_000, true],
  ['not long enough for what is needed', hour, 0, hour - 360_000, 300_000, false],
  ['one second to live, fresh', 1_000, 0, 0, 0, true],
  ['one second to live, three quarters gone', 1_000, 0, 750, 0, false],
  ['needed more than it lives, fresh', 1_000, 0, 0, 10_000, true],
  ['clock behind, corrected', hour, 5 * hour, hour - 60_001, 0, true],
  ['clock behind, corrected, past', hour, 5 * hour, hour - 60_000, 0, false],
  ['expired on arrival: the clock is wrong, use until refused', -hour, 0, 10 * hour, 0, true],
])('%s', (_, lifetime, skew, later, neededMs, usable) => {
  const block = {
    range: { start: 0, end: 1 },
    runs: [],
    descriptors: [],
    fetchedAt: arrived,
    deadline: arrived + skew + lifetime,
    skew,
    generation: 1,
  }
  expect(isUsable(block, arrived + later, neededMs)).toBe(usable)
  expect(isUsable({ ...block, deadline: null }, arrived + later, neededMs)).toBe(true)
})
