import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSizeCertain, parseLink, plainFileInfo } from './file-info-headers.ts'

describe('parseLink', () => {
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
})

describe('isSizeCertain', () => {
  const octets = 'application/octet-stream'

  test.each([
    ['same origin', 'basic', { 'content-length': '9', 'content-type': 'text/plain' }, true],
    [
      'same origin, compressed',
      'basic',
      { 'content-length': '9', 'content-encoding': 'gzip' },
      false,
    ],
    ['no length', 'basic', { 'content-type': octets }, false],
    ['a strange length', 'basic', { 'content-length': '9, 9', 'content-type': octets }, false],
    ['another origin, weights', 'cors', { 'content-length': '9', 'content-type': octets }, false],
    [
      'another origin, JSON',
      'cors',
      { 'content-length': '9', 'content-type': 'application/json' },
      false,
    ],
    [
      'another origin, wasm',
      'cors',
      { 'content-length': '9', 'content-type': 'application/wasm' },
      false,
    ],
    ['another origin, no type', 'cors', { 'content-length': '9' }, false],
    [
      'another origin with a header for no compression',
      'cors',
      { 'content-length': '9', 'content-type': 'text/plain', 'content-encoding': 'identity' },
      true,
    ],
  ] as const)('%s', (_, type, headers, certain) => {
    expect(isSizeCertain({ type, headers: new Headers(headers) })).toBe(certain)
  })
})

describe('a plain file without validators', () => {
  async function refusalOf(type: ResponseType): Promise<string> {
    const response = Object.defineProperty(new Response(''), 'type', { value: type })
    const url = 'https://cdn.example/m.onnx'
    const probe = (): Promise<Response> => Promise.reject(new Error('not needed'))
    const asked = plainFileInfo({ response, url, key: url, fetchedAt: 0, probe })
    return await asked.then(
      () => 'kept',
      (error: unknown) => String(error),
    )
  }

  test('is refused with the headers to send, and to expose across origins, where an ETag may be hidden', async () => {
    expect(await refusalOf('basic')).toContain('Let the server send ETag, Last-Modified or')
    expect(await refusalOf('cors')).toContain('(Access-Control-Expose-Headers: ETag), Last-Mod')
  })
})
