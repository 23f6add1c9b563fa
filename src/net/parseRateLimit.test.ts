import fc from 'fast-check'
import { parseList } from 'structured-headers'
import { expect, test } from 'vitest'
import { parseRateLimit } from './backoff.ts'

test.each([
  ['"queue";r=0;t=6', 6_000],
  ['"queue"; r=0; t=6', 6_000],
  ['"a";r=0;t=6, "b";r=0;t=9,"c";r=3;t=99', 9_000],
  ['"a";pk=:aGk=:;r=0;x="q;\\",";t=1;y', 1_000],
  ['"a";r=3;r=0;t=2', 2_000],
  ['"a";r=0;t=0', 0],
  ['"a";r=0', null],
  ['"a";r=1;t=6', null],
  [null, null],
  ['', null],
  ['"a"', null],
  ['queue;r=0;t=6', null],
  ['"a";r=0;t=6,', null],
  ['"a";r=0;t=6 "b";r=0;t=7', null],
  ['"a";r=0;t=-6', null],
  ['"a";r=0;t=6.5', null],
  ['"a";r=-1;t=6', null],
  ['"a";r="0";t=6', null],
  ['"a";r=0;t=soon', null],
  ['"a";r=0;t=6, broken', null],
  ['limit=10, remaining=0, reset=6', null],
  [`"a";r=0;t=6${';x'.repeat(5_000)}`, null],
])('%s: %j', (field, expected) => {
  expect(parseRateLimit(field)).toBe(expected)
})

test('reads what a whole parser of structured fields reads', () => {
  const item = fc.tuple(
    fc.constantFrom('"queue"', '"a b\\"c"', '""', 'token', '7'),
    fc.array(
      fc.constantFrom(
        'r=0',
        'r=0',
        'r=5',
        't=3',
        't=44',
        't=2.5',
        'pk=:YQ==:',
        'x',
        'y=?0',
        'z="="',
      ),
      { maxLength: 5 },
    ),
  )
  const field = fc.array(item, { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(field, fc.constantFrom(', ', ',', ' , ', ' ; '), (items, comma) => {
      const text = items.map(([name, all]) => [name, ...all].join(';')).join(comma)
      expect(parseRateLimit(text)).toBe(reference(text))
    }),
  )
})

test('nothing throws, and nothing takes long', () => {
  const piece = fc.constantFrom('"', ';', 'r=0', 't=6', ',', ' ', '\\', 'a', ':', '?1', '=')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const wait = parseRateLimit(pieces.join(''))
      expect(wait === null || wait >= 0).toBe(true)
    }),
  )
})

function reference(field: string): number | null {
  try {
    const waits = parseList(field).map(([name, parameters]) => {
      const [r, t] = [parameters.get('r'), parameters.get('t')]
      const counts = [r, t ?? 0].every((count) => Number.isInteger(count) && Number(count) >= 0)
      if (typeof name !== 'string' || !counts) throw new Error('Malformed.')
      return r === 0 && t !== undefined ? Number(t) * 1000 : -1
    })
    const wait = Math.max(...waits)
    return wait < 0 ? null : wait
  } catch {
    return null
  }
}
