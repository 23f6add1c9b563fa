import { expect, test } from 'vitest'
import { applyJournal } from './journal.ts'
import type { HeldRun } from './runs.ts'
import type { JournalEntry } from './journal.ts'

function run(offset: number, length: number, name = 'data'): HeldRun {
  const rows = [{ hash: new Uint8Array(32), length }]
  return { xorb: '', chunk: 0, offset, rows, parts: [{ name, offset, at: 0, length }] }
}

const put = (offset: number, length: number, name?: string): JournalEntry => ({
  kind: 'run',
  run: run(offset, length, name),
})
const drop = (offset: number, length: number): JournalEntry => ({ kind: 'drop', offset, length })

test.for<[string, JournalEntry[], string[]]>([
  ['runs come back by offset', [put(20, 5), put(0, 10)], ['0 data', '20 data']],
  ['a run that has moved replaces itself', [put(0, 10, 'p'), put(0, 10)], ['0 data']],
  ['a drop takes its run', [put(0, 10), put(10, 10), drop(10, 10)], ['0 data']],
  ['a drop takes all it shares a byte with', [put(0, 10), put(5, 10), drop(9, 1)], []],
  [
    'a drop leaves neighbours alone',
    [put(0, 10), put(20, 10), drop(10, 10)],
    ['0 data', '20 data'],
  ],
  ['a dropped run may come again', [put(0, 10), drop(0, 10), put(0, 10)], ['0 data']],
])('%s', ([, entries, wanted]) => {
  const held = applyJournal([], entries)
  expect(held.map(({ offset, parts }) => `${offset} ${parts[0]?.name}`)).toEqual(wanted)
})
