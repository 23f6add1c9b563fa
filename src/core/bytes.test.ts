import fc from 'fast-check'
import { bytesOfHex, ByteSet, contentRange, hexOf, requestedRange } from './bytes.ts'
import { describe, expect, test } from 'vitest'

describe('ByteSet', () => {
  const range = fc
    .tuple(fc.nat(60), fc.nat(20))
    .map(([start, length]) => ({ start, end: start + length }))
  const step = fc.record({ add: fc.boolean(), range })

  test('behaves like a set of numbers', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), range, (steps, probe) => {
        const set = new ByteSet()
        const model = new Set<number>()
        for (const { add, range } of steps) {
          if (add) set.add(range)
          else set.delete(range)
          for (let at = range.start; at < range.end; at += 1)
            if (add) model.add(at)
            else model.delete(at)
        }
        const positions = set.ranges.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, at) => start + at),
        )
        expect(positions).toEqual([...model].toSorted((a, b) => a - b))
        expect(set.size).toBe(model.size)
        const asked = Array.from({ length: probe.end - probe.start }, (_, at) => probe.start + at)
        expect(set.covers(probe)).toBe(asked.every((at) => model.has(at)))
        let end = probe.start
        while (model.has(end)) end += 1
        expect(set.endFrom(probe.start)).toBe(end)
        const gaps = set
          .missing(probe)
          .flatMap((gap) => asked.filter((at) => at >= gap.start && at < gap.end))
        expect(gaps).toEqual(asked.filter((at) => !model.has(at)))
      }),
    )
  })

  test('keeps touching ranges as one', () => {
    const set = new ByteSet([
      { start: 0, end: 5 },
      { start: 10, end: 15 },
      { start: 5, end: 10 },
    ])
    expect(set.ranges).toEqual([{ start: 0, end: 15 }])
  })

  test('is unchanged when an empty range is removed', () => {
    const set = new ByteSet([{ start: 0, end: 2 }])
    set.delete({ start: 1, end: 1 })
    expect(set.ranges).toEqual([{ start: 0, end: 2 }])
  })
})

describe('requestedRange', () => {
  test.each([
    [null, 'whole'],
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=0-', { start: 0, end: 100 }],
    ['bytes=10-19', { start: 10, end: 20 }],
    ['Bytes = 10 - 19', { start: 10, end: 20 }],
    ['bytes=90-1000', { start: 90, end: 100 }],
    ['bytes=99-99', { start: 99, end: 100 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=100-100', 'unsatisfiable'],
    ['bytes=-1', { start: 99, end: 100 }],
    ['bytes=-1000', { start: 0, end: 100 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=-', 'whole'],
    ['bytes=5-2', 'whole'],
    ['bytes=0-1,4-5', 'whole'],
    ['items=0-1', 'whole'],
    ['bytes=a-b', 'whole'],
    ['', 'whole'],
  ] as const)('%s of 100 bytes', (header, expected) => {
    expect(requestedRange(header, 100)).toEqual(expected)
  })

  test('an empty file has no first byte', () => {
    expect(requestedRange('bytes=0-0', 0)).toBe('unsatisfiable')
    expect(requestedRange('bytes=-5', 0)).toBe('unsatisfiable')
    expect(requestedRange(undefined, 0)).toBe('whole')
  })
})

test('bytes are the same after they were written as hex digits and read again', () => {
  expect(hexOf(Uint8Array.of(0, 9, 171, 255))).toBe('0009abff')
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(bytesOfHex(hexOf(bytes))).toEqual(bytes)
    }),
  )
})

describe('contentRange', () => {
  test.each([
    ['bytes 0-9/2000', { start: 0, end: 10, total: 2000 }],
    ['Bytes 5-5/6', { start: 5, end: 6, total: 6 }],
    ['bytes 0-9/*', { start: 0, end: 10 }],
    ['bytes */2000', { total: 2000 }],
    ['bytes 0-9/9007199254740993', { start: 0, end: 10 }],
  ])('%j', (header, expected) => {
    expect(contentRange(header)).toEqual(expected)
  })

  test.each(['', 'bytes 0-9', 'bytes -9/10', 'items 0-9/10', 'bytes 0-9/ten', 'bytes 0-9/10, 1'])(
    '%j is malformed',
    (header) => {
      expect(contentRange(header)).toBeUndefined()
    },
  )

  test('is null where there is no field', () => {
    expect(contentRange(null)).toBeNull()
  })
})
