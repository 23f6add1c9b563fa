import { expect, test } from 'vitest'
import { rowStretches } from './runs.ts'
import { rowsWithin } from './runs.ts'

const hash = new Uint8Array(32)
const run = { offset: 100, rows: [10, 20, 30, 40].map((length) => ({ hash, length })) }

test.for<[number, string[]]>([
  [1, ['100-110', '110-130', '130-160', '160-200']],
  [30, ['100-130', '130-160', '160-200']],
  [70, ['100-160', '160-200']],
  [1000, ['100-200']],
])('stretches of up to %i bytes are whole chunks', ([most, wanted]) => {
  const found = [...rowStretches(run, most)].map(({ start, end }) => `${start}-${end}`)
  expect(found).toEqual(wanted)
})

test.for<[number, number, number, number[]]>([
  [100, 200, 100, [10, 20, 30, 40]],
  [0, 101, 100, [10]],
  [110, 130, 110, [20]],
  [129, 131, 110, [20, 30]],
  [199, 900, 160, [40]],
  [200, 300, 100, []],
])('bytes %i to %i need the chunks from %i', ([start, end, offset, lengths]) => {
  const part = rowsWithin(run, { start, end })
  expect(part.offset).toBe(offset)
  expect(part.rows.map(({ length }) => length)).toEqual(lengths)
})
