import { describe, expect, test } from 'vitest'
import { contentId, hashesIn, type Validators } from './content-id.ts'

const [x, s, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(64))
const plain: Validators = { url: 'https://host.example/x.bin', size: 9, etag: '"1"' }

describe('files have the same content id', () => {
  test.each<[string, Validators, Validators]>([
    ['at two URLs, by one SHA-256', { ...plain, sha256: s }, { ...plain, sha256: s, url: 'b:' }],
    [
      'at two URLs, by one body',
      { ...plain, bodySha256: s },
      { ...plain, bodySha256: s, url: 'b:' },
    ],
    ['on Xet, under two ETags', { ...plain, xetHash: x }, { ...plain, xetHash: x, etag: '"2"' }],
    ['under one strong ETag at two times', plain, { ...plain, lastModified: 'now' }],
  ])('%s', async (_, one, two) => {
    expect(await contentId(one)).toBe(await contentId(two))
  })
})

describe('files have different content ids', () => {
  const both = { ...plain, xetHash: x, sha256: s }
  test.each<[string, Validators, Validators]>([
    ['with two SHA-256 beside one Xet hash', both, { ...both, sha256: other }],
    ['with two Xet hashes beside one SHA-256', both, { ...both, xetHash: other }],
    ['with a Xet hash only', both, { ...both, sha256: undefined }],
    ['with one ETag at two URLs', plain, { ...plain, url: 'https://host.example/y.bin' }],
    ['with two ETags', plain, { ...plain, etag: '"2"' }],
    ['with two sizes under one SHA-256', { ...plain, sha256: s }, { ...plain, sha256: s, size: 8 }],
    [
      'with two bodies under one ETag',
      { ...plain, bodySha256: s },
      { ...plain, bodySha256: other },
    ],
  ])('%s', async (_, one, two) => {
    expect(await contentId(one)).not.toBe(await contentId(two))
  })
})

test('the hashes that bytes must match can be read from the id', async () => {
  const hashes = { xetHash: x, sha256: s }
  expect(hashesIn(await contentId({ ...plain, ...hashes }))).toEqual(hashes)
  expect(hashesIn(await contentId({ ...plain, xetHash: x }))).toEqual({ xetHash: x })
  expect(hashesIn(await contentId({ ...plain, bodySha256: s }))).toEqual({ sha256: s })
  expect(hashesIn(await contentId({ ...plain, sha256: s }))).toEqual({})
  expect(hashesIn(await contentId(plain))).toEqual({})
})
