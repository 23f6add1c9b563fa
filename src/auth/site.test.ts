import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTrustedProxies } from './client-address.ts'
import { hostMatcher, hostOfPage, parseHost, parseHostList, publicUrl } from './site.ts'

const label = 'a'.repeat(63)
const longest = `${label}.${label}.${label}.${'b'.repeat(61)}`

test.each([
  ['app.example', 'app.example'],
  ['APP.Example.', 'app.example'],
  ['localhost', 'localhost'],
  ['a_b.-c-', 'a_b.-c-'],
  [label, label],
  [`${label}a`, null],
  [longest, longest],
  [`${longest}.`, longest],
  [`${longest}b`, null],
  ['', null],
  ['.', null],
  ['a..b', null],
  ['.a', null],
  ['a..', null],
  ['a b', null],
  ['a:1', null],
  ['*.a', null],
  ['bücher.example', null],
  ['\u212A.example', null],
  ['a\n', null],
])('host %j', (text, expected) => {
  expect(parseHost(text)).toBe(expected)
})

test.each([
  ['https://app.example', 'app.example', 'app.example'],
  ['HTTP://APP.example.:65535', 'app.example', 'app.example'],
  ['https://app.example:00443', 'app.example', 'app.example'],
  ['https://app.example:65536', null, null],
  ['https://app.example:', null, null],
  ['https://app.example:123456', null, null],
  ['https://app.example:80a', null, null],
  ['https://app.example/', null, 'app.example'],
  ['https://app.example?x', null, 'app.example'],
  ['https://app.example#x', null, 'app.example'],
  ['https://app.example:1/x@y\\z', null, 'app.example'],
  ['https://app.example/\u00e4', null, null],
  ['https://app.example/a b', null, null],
  ['https://user@app.example/', null, null],
  ['https://app.example:pw@evil.test/', null, null],
  ['https://app.example\\.evil.test/', null, null],
  ['https://[::1]/', null, null],
  ['https:///app.example', null, null],
  ['https:app.example', null, null],
  ['//app.example/', null, null],
  ['app.example', null, null],
  ['ftp://app.example/', null, null],
  ['https://app%2eexample/', null, null],
  ['https://app.example\u3002evil/', null, null],
  ['null', null, null],
])('the page of %j', (value, origin, referer) => {
  expect(hostOfPage(value, 'origin')).toBe(origin)
  expect(hostOfPage(value, 'referer')).toBe(referer)
})

test('the host equals the host that a URL parser finds', () => {
  const piece = fc.constantFrom(
    'app.example',
    '.',
    '@',
    ':',
    ':80',
    '/',
    '\\',
    '?',
    '#',
    '%2e',
    '-',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const value = `https://${pieces.join('')}`
      const host = hostOfPage(value, 'referer')
      if (host !== null && URL.canParse(value))
        expect(new URL(value).hostname.replace(/\.$/, '')).toBe(host)
    }),
  )
})

test('a wildcard needs a label before its base, and a partial name never matches', () => {
  const listed = hostMatcher(['app.example', '*.apps.example'])
  for (const host of ['app.example', 'x.apps.example', 'a.b.apps.example'])
    expect(listed(host), host).toBe(true)
  for (const host of [
    'apps.example',
    'x.app.example',
    'notapp.example',
    'xapps.example',
    'example',
  ])
    expect(listed(host), host).toBe(false)
  expect(hostMatcher([])('app.example')).toBe(false)
})

test('blanks, line ends, empty items and repeats are ignored', () => {
  const text = ' App.example,\r\n\t*.apps.example. ,, , app.example'
  expect(parseHostList(text)).toEqual(['app.example', '*.apps.example'])
  expect(parseHostList(['', ' app.example '])).toEqual(['app.example'])
})

test.each([
  '.',
  '*',
  '*.',
  '*.com',
  'com',
  'HTTPS://X/',
  'a b',
  '*.*.example',
  'x.*.example',
  '*app.example',
  '\u00a0app.example',
  'user@app.example',
])('%j stops the start, by name', (entry) => {
  const wrong = { code: 'configuration', message: expect.stringContaining(`"${entry}"`) }
  expect(() => parseHostList(`app.example, ${entry} ,localhost`)).toThrow(
    expect.objectContaining(wrong),
  )
})

test('all wrong entries are named at once, and a comma does not split a list item', () => {
  expect(() => parseHostList('a b,app.example,c d')).toThrow(/"a b".*"c d"/)
  expect(() => parseHostList(['app.example,other.example'])).toThrow('app.example,other.example')
})

test('any text gives a list or a configuration error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let hosts: string[]
      try {
        hosts = parseHostList(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'configuration' })
        return
      }
      expect(parseHostList(hosts.join())).toEqual(hosts)
      for (const host of hosts) expect(host).toMatch(/^(?:\*\.)?[a-z0-9_.-]+$/)
    }),
  )
})

test.each([
  [{ 'x-forwarded-host': 'files.example' }, '10.0.0.5', 'http://files.example/a?b=1'],
  [{ 'x-forwarded-host': 'files.example:8443' }, '10.0.0.5', 'http://files.example:8443/a?b=1'],
  [{ 'x-forwarded-host': 'a.example, b.example' }, '10.0.0.5', 'http://b.example/a?b=1'],
  [
    { 'x-forwarded-host': 'files.example', 'x-forwarded-proto': 'https' },
    '10.0.0.5',
    'https://files.example/a?b=1',
  ],
  [{ 'x-forwarded-host': 'files.example:65536' }, '10.0.0.5', 'http://hub.test:8000/a?b=1'],
  [{ 'x-forwarded-host': '999.1' }, '10.0.0.5', 'http://hub.test:8000/a?b=1'],
  [{ 'x-forwarded-proto': 'javascript' }, '10.0.0.5', 'http://hub.test:8000/a?b=1'],
  [{ 'x-forwarded-host': 'evil@files.example' }, '10.0.0.5', 'http://hub.test:8000/a?b=1'],
  [{ 'x-forwarded-host': 'files.example' }, '203.0.113.7', 'http://hub.test:8000/a?b=1'],
  [{ 'x-forwarded-host': 'files.example' }, null, 'http://hub.test:8000/a?b=1'],
])('the public address with %j from %s', (headers, peer, expected) => {
  const request = { url: 'http://hub.test:8000/a?b=1', headers: new Headers(headers) }
  expect(publicUrl(request, peer, parseTrustedProxies(['10.0.0.0/8']))).toBe(expected)
})
