import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRanges, rangedAnswer } from './ranges.ts'

test.each<[header: string | null, ranges: [number, number][] | 'all' | 'none']>([
  [null, 'all'],
  ['bytes=0-0', [[0, 1]]],
  ['bytes=2-5', [[2, 6]]],
  ['BYTES=2-', [[2, 10]]],
  ['bytes=-3', [[7, 10]]],
  ['bytes=-30', [[0, 10]]],
  ['bytes=5-500', [[5, 10]]],
  [
    'bytes=0-1, 4-5',
    [
      [0, 2],
      [4, 6],
    ],
  ],
  ['bytes=0-1,20-30', [[0, 2]]],
  ['bytes=10-', 'none'],
  ['bytes=-0', 'none'],
  ['bytes=5-2', 'all'],
  ['bytes=-', 'all'],
  ['bytes=a-b', 'all'],
  ['bytes 0-1', 'all'],
  ['chunks=0-1', 'all'],
])('%s', (header, ranges) => {
  const expected = Array.isArray(ranges) ? ranges.map(([start, end]) => ({ start, end })) : ranges
  expect(parseRanges(header, 10)).toEqual(expected)
})

test('all results are ranges within the bytes', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(100), (list, size) => {
      const ranges = parseRanges(`bytes=${list}`, size)
      if (!Array.isArray(ranges)) return
      for (const { start, end } of ranges)
        expect(start >= 0 && start < end && end <= size).toBe(true)
    }),
  )
})

describe('an answer', () => {
  const bytes = new TextEncoder().encode('0123456789')
  const modified = Date.UTC(2030, 0, 1, 12, 0, 0, 500)
  const earlier = 'Tue, 01 Jan 2030 11:59:59 GMT'
  const same = 'Tue, 01 Jan 2030 12:00:00 GMT'
  const ask = (headers: Record<string, string>, method = 'GET'): Response =>
    rangedAnswer(new Request('http://hub.example/', { method, headers }), {
      size: 10,
      etag: '"tag"',
      contentType: 'text/plain',
      modified,
      read: ({ start, end }) => new Blob([bytes.subarray(start, end)]).stream(),
    })

  test.each([
    [{ 'if-none-match': '"tag"' }, 304],
    [{ 'if-none-match': 'W/"tag"' }, 304],
    [{ 'if-none-match': '"a,b", W/"tag"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-none-match': '"other"', 'if-modified-since': same }, 200],
    [{ 'if-modified-since': same }, 304],
    [{ 'if-modified-since': earlier }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-match': '"tag"' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': 'W/"tag"' }, 412],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-match': '"tag"', 'if-unmodified-since': earlier }, 200],
    [{ 'if-unmodified-since': earlier }, 412],
    [{ 'if-unmodified-since': same }, 200],
    [{ 'if-unmodified-since': 'tomorrow' }, 200],
    [{ range: 'bytes=1-2' }, 206],
    [{ range: 'bytes=1-2', 'if-range': 'W/"tag"' }, 200],
  ])('to %j is %i', (headers, status) => {
    expect(ask(headers as unknown as Record<string, string>).status).toBe(status)
  })

  test('to HEAD ignores Range', () => {
    const { status, headers } = ask({ range: 'bytes=1-2' }, 'HEAD')
    expect([status, headers.get('content-length'), headers.get('content-range')]).toEqual([
      200,
      '10',
      null,
    ])
  })
})
