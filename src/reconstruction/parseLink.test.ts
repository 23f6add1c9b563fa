import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLink } from './file-info-headers.ts'

const base = 'https://hub.example/org/repo/resolve/main/f'

test.each([
  ['<https://a.example/t>; rel="xet-auth"', { 'xet-auth': 'https://a.example/t' }],
  ['</t>;rel=xet-auth', { 'xet-auth': 'https://hub.example/t' }],
  [
    '<t> ; title="a, b; c" ; rel = "one Two"',
    { one: `${base.slice(0, -1)}t`, two: `${base.slice(0, -1)}t` },
  ],
  [
    '<https://a.example/t>; rel="xet-auth", <https://b.example/r?a=1,2>; rel="next"',
    { 'xet-auth': 'https://a.example/t', next: 'https://b.example/r?a=1,2' },
  ],
  ['<https://a.example/1>; rel=a, <https://a.example/2>; rel=a', { a: 'https://a.example/1' }],
  ['<javascript:alert(1)>; rel=a, <http://[>; rel=b', {}],
  ['<https://a.example/1>', {}],
  ['https://a.example/1; rel=a', {}],
  ['', {}],
])('%s', (header, links) => {
  expect(Object.fromEntries(parseLink(header, base))).toEqual(links)
})

test('parses formatted links, and returns only http(s) URLs for any text', () => {
  fc.assert(
    fc.property(fc.webUrl(), fc.stringMatching(/^[a-z][a-z-]{0,20}$/), (url, rel) => {
      fc.pre(!/[<>]/.test(url))
      expect(parseLink(`<${url}>; rel="${rel}"`, base).get(rel)).toBe(new URL(url).href)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (header) =>
      [...parseLink(header, base).values()].every((url) => /^https?:/.test(url)),
    ),
  )
})
