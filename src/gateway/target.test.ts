import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTarget } from './target.ts'

const pathOf = (path: string): string | undefined =>
  parseTarget(`https://gateway.example${path}`)?.url.pathname

describe('a path in normal form', () => {
  test.each([
    ['/a/b', '/a/b'],
    ['/%61pi/x', '/api/x'],
    ['/a%7eb/%2D', '/a~b/-'],
    ['/a/%2e%2e/b', '/b'],
    ['/a/.%2E/b', '/b'],
    ['/a\\..\\b', '/b'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/100%25.txt', '/100%25.txt'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/a...b/.../x', '/a...b/.../x'],
    ['/x?a=%2e%2e&b=%61', '/x'],
  ])('%s is %s', (path, normal) => {
    expect(pathOf(path)).toBe(normal)
  })

  test('the query stays byte for byte', () => {
    expect(parseTarget('https://gateway.example/%61?a=%2e%61')?.url.search).toBe('?a=%2e%61')
  })
})

describe('a path that servers interpret differently is refused', () => {
  test.each([
    '/v1/text/..%2fadmin',
    '/v1/text/..%5cadmin',
    '/v1/text/%5c..%5cadmin',
    '/v1/text/..;/admin',
    '/v1/text/..;a=b/admin',
    '/v1/text/%2e%2e;/admin',
    '/v1/text/%252e%252e/admin',
    '/v1/text/%252e%252e%252fadmin',
    '/v1/text/%25252e%25252e/admin',
    '/v1/text/x%2f..%2f..%2fadmin',
    '/v1/text/..%20/admin',
    '/v1/text/..%00/admin',
    '/v1/text/%0d%0aadmin',
    '/v1/text/%c0%ae%c0%ae/admin',
    '/v1/text/%u002e%u002e/admin',
    '/v1/text/%',
    '/v1/text/%2',
  ])('%s', (path) => {
    expect(pathOf(path)).toBeUndefined()
  })
})

test('an encoded slash is reported, also when it is encoded twice', () => {
  const slash = (path: string): boolean | undefined =>
    parseTarget(`https://gateway.example${path}`)?.encodedSlash
  expect(slash('/a/refs%2Fpr%2f1/b')).toBe(true)
  expect(slash('/a%252fb')).toBe(true)
  expect(slash('/a/b%25')).toBe(false)
})

test('parsing a normalised URL does not change it', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '..',
    '/',
    '%2f',
    '%2e',
    '%25',
    '%5c',
    ';',
    '%61',
    '%C3%A9',
    '\\',
    '%',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const target = parseTarget(`https://gateway.example/${pieces.join('')}`)
      if (target === null) return
      const again = parseTarget(target.url.href)
      expect(again?.url.href).toBe(target.url.href)
      expect(again?.encodedSlash).toBe(target.encodedSlash)
    }),
  )
})
