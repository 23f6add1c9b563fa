import { expect, test } from 'vitest'
import { isSizeCertain } from './file-info-headers.ts'

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
