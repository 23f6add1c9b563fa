import { describe, expect, it } from 'vitest'
import { parseContentRange } from './parseContentRange.ts'

describe('parseContentRange', () => {
  it.each([
    ['bytes 0-0/1', 0, 1, 1],
    ['Bytes  0-99/1000', 0, 100, 1000],
    [' bytes 5-9/* ', 5, 10, undefined],
    ['bytes 5000000000-5000000001/6000000000', 5e9, 5e9 + 2, 6e9],
  ])('reads %j', (value, start, end, total) => {
    expect(parseContentRange(value)).toEqual({ range: { start, end }, total })
  })

  it.each([
    '',
    'bytes',
    'bytes 0-1',
    'bytes */9',
    'bytes 2-1/9',
    'bytes 0-9/9',
    'bytes 1-/9',
    'bytes -1/9',
    'bytes 0-1/9, 2-3/9',
    'items 0-1/9',
    'bytes 0x0-1/9',
    'bytes 0-9007199254740991/*',
  ])('refuses %j', (value) => {
    expect(() => parseContentRange(value)).toThrow(expect.objectContaining({ code: 'protocol' }))
  })
})
