import { describe, expect, it } from 'vitest'
import { parseBoundary } from './parseBoundary.ts'

describe('parseBoundary', () => {
  it.each([
    ['multipart/byteranges; boundary=abc', 'abc'],
    ['Multipart/ByteRanges;BOUNDARY=abc', 'abc'],
    ['multipart/byteranges ; charset=x ; boundary="a b:c?" ', 'a b:c?'],
    ['multipart/byteranges; boundary="a\\b"', 'ab'],
    ['multipart/byteranges; note=";boundary=no"; boundary=yes', 'yes'],
    [`multipart/byteranges; boundary=${'x'.repeat(70)}`, 'x'.repeat(70)],
  ])('reads %s', (contentType, boundary) => {
    expect(parseBoundary(contentType)).toBe(boundary)
  })

  it.each([
    null,
    '',
    'text/html',
    'multipart/form-data; boundary=abc',
    'multipart/byteranges',
    'multipart/byteranges; boundary=',
    'multipart/byteranges; boundary=""',
    'multipart/byteranges; boundary="abc ',
    'multipart/byteranges; boundary="abc "',
    'multipart/byteranges; boundary=a; boundary=b',
    'multipart/byteranges; boundary=a\r\nb',
    `multipart/byteranges; boundary=${'x'.repeat(71)}`,
  ])('refuses %j', (contentType) => {
    expect(() => parseBoundary(contentType)).toThrow(expect.objectContaining({ code: 'protocol' }))
  })
})
