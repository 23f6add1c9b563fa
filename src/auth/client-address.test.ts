import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  clientAddress,
  formatIpv6,
  isInRange,
  networkGroup,
  networkKey,
  parseAddress,
  parseIpv6,
  parseRange,
  parseTrustedProxies,
} from './client-address.ts'

const key = (text: string, prefix = 64): string => networkKey(parseAddress(text), prefix)

test.each([
  ['203.0.113.7', 'ip:203.0.113.7'],
  ['255.255.255.255', 'ip:255.255.255.255'],
  ['0.0.0.0', 'ip:0.0.0.0'],
  ['::ffff:198.51.100.9', 'ip:198.51.100.9'],
  ['::FFFF:c633:6409', 'ip:198.51.100.9'],
  ['0:0:0:0:0:ffff:198.51.100.9', 'ip:198.51.100.9'],
  ['::1:ffff:1.2.3.4', 'ip:::/64'],
  ['::', 'ip:::/64'],
  ['2001:DB8:1:2:ffff::9', 'ip:2001:db8:1:2::/64'],
  ['1:0:0:2::', 'ip:1:0:0:2::/64'],
  ['64:ff9b::192.0.2.33', 'ip:64:ff9b::/64'],
  ['1:2:3:4:5:6:7::', 'ip:1:2:3:4::/64'],
  ['::2:3:4:5:6:7:8', 'ip:0:2:3:4::/64'],
  ['fe80::1%eth0', 'ip:unknown'],
  ['[::1]', 'ip:unknown'],
  [':::', 'ip:unknown'],
  ['1::2::3', 'ip:unknown'],
  ['1:2:3:4:5:6:7:8::', 'ip:unknown'],
  ['1:2:3:4:5:6:7', 'ip:unknown'],
  ['1:2:3:4:5:6:7:8:9', 'ip:unknown'],
  ['1:2:3:4:5:6:7:', 'ip:unknown'],
  [':1:2:3:4:5:6:7', 'ip:unknown'],
  ['12345::', 'ip:unknown'],
  ['1.2.3.4::', 'ip:unknown'],
  ['::1.2.3', 'ip:unknown'],
  ['::1.2.3.04', 'ip:unknown'],
  ['::1.2.3.4:5', 'ip:unknown'],
  ['1.2.3', 'ip:unknown'],
  ['1.2.3.4.5', 'ip:unknown'],
  ['1.2.3.256', 'ip:unknown'],
  ['01.2.3.4', 'ip:unknown'],
  ['0x7f.0.0.1', 'ip:unknown'],
  ['1.2.3.4 ', 'ip:unknown'],
  ['1.2.3.4\n', 'ip:unknown'],
  ['203.0.113.7:80', 'ip:unknown'],
  ['١.2.3.4', 'ip:unknown'],
])('the network of %j is %s', (text, expected) => {
  expect(key(text)).toBe(expected)
})

test.each([
  [32, 'ip:2001:db8::/32'],
  [56, 'ip:2001:db8:1:200::/56'],
  [61, 'ip:2001:db8:1:2f8::/61'],
  [128, 'ip:2001:db8:1:2ff::5/128'],
])('a network of %i bits', (prefix, expected) => {
  expect(key('2001:db8:1:2ff::5', prefix)).toBe(expected)
})

test('an IPv6 address is formatted in one canonical form, and parses back to itself', () => {
  const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(groups, (address) => {
      const text = formatIpv6(address)
      expect(parseIpv6(text)).toEqual(address)
      // URL parsers format IPv6 by the same rules.
      expect(`[${text}]`).toBe(new URL(`http://[${text}]/`).hostname)
    }),
  )
})

test.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.0.0.5', '10.0.0.5', true],
  ['10.0.0.5', '10.0.0.4', false],
  ['128.0.0.0/1', '255.0.0.1', true],
  ['0.0.0.0/0', '203.0.113.7', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '203.0.113.7', false],
  ['::/0', '2001:db8::1', true],
  ['fd12:3456:789a::/48', 'fd12:3456:789a:ffff::1', true],
  ['fd12:3456:789a::/48', 'fd12:3456:789b::1', false],
  ['2001:db8:8000::/33', '2001:db8:ffff::', true],
  ['2001:db8:8000::/33', '2001:db8:7fff::', false],
  ['::ffff:10.0.0.0/104', '10.9.9.9', true],
  ['10.0.0.0/8', '::ffff:10.9.9.9', true],
])('%s holds %s: %s', (range, address, expected) => {
  expect(isInRange(parseAddress(address)!, parseRange(range)!)).toBe(expected)
})

test.each([
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/08',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0/8',
  '::ffff:10.0.0.0/64',
  ' 10.0.0.0/8',
  'proxy.example',
  '',
])('%j is not a range, and the error names it', (text) => {
  const wrong = { code: 'configuration', message: expect.stringContaining(`"${text}"`) }
  expect(() => parseTrustedProxies(['10.0.0.0/8', text])).toThrow(expect.objectContaining(wrong))
})

test.each([
  ['ip:203.0.113.7', 'ip:203.0.113.0/24'],
  ['ip:203.0.113.255', 'ip:203.0.113.0/24'],
  ['ip:2001:db8:1:2::/64', 'ip:2001:db8:1::/48'],
  ['ip:2001:db8:1:ff00::/56', 'ip:2001:db8:1::/48'],
  ['ip:2001:db8::1/128', 'ip:2001:db8::/48'],
  ['ip:2001::/32', 'ip:2001::/32'],
  ['ip:unknown', undefined],
  ['subject:u1', undefined],
])('the wider network of %s is %s', (key, expected) => {
  expect(networkGroup(key)).toBe(expected)
})

test('without a peer address, forwarded headers are ignored', () => {
  const headers = new Headers({ 'x-forwarded-for': '1.1.1.1' })
  const everybody = parseTrustedProxies(['0.0.0.0/0', '::/0'])
  expect(clientAddress(null, headers, everybody, 'x-forwarded-for')).toBeNull()
  expect(clientAddress('garbage', headers, everybody, 'x-forwarded-for')).toBeNull()
})
