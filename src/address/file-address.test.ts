import { describe, expect, test } from 'vitest'
import {
  addressOf,
  grantOf,
  joinCredential,
  keyOf,
  hasSecret,
  isSimilarUrl,
  publicGrant,
  selectorOf,
  splitCredential,
  withCredential,
  contentId,
  hashesIn,
  type Validators,
} from './file-address.ts'

describe('the name of a file contains no secret', () => {
  test.each([
    ['a token', '?token=hf_abc', ''],
    [
      'a token next to parameters that select content',
      '?v=2&access_token=abc&lang=en',
      '?v=2&lang=en',
    ],
    ['a name with an escape', '?api%5Fkey=abc', ''],
    [
      'S3',
      '?X-Amz-Algorithm=A&X-Amz-Date=1&X-Amz-Expires=5&X-Amz-Signature=s&versionId=3',
      '?versionId=3',
    ],
    ['S3 in lower case', '?x-amz-signature=s&x-amz-security-token=t', ''],
    ['Google', '?X-Goog-Credential=c&X-Goog-Signature=s&generation=7', '?generation=7'],
    ['CloudFront', '?Expires=1&Signature=s&Key-Pair-Id=K', ''],
    ['CloudFront with a policy', '?Policy=p&Signature=s&Key-Pair-Id=K&x=1', '?x=1'],
    ['Azure', '?sv=2022&st=1&se=2&sr=b&sp=r&spr=https&sig=abc', ''],
    ['Azure for a user', '?skoid=1&sktid=2&skt=3&ske=4&sks=b&skv=5&sv=1&se=2&sr=b&sp=r&sig=x', ''],
    ['Alibaba', '?OSSAccessKeyId=i&Expires=1&Signature=s', ''],
    [
      'Tencent',
      '?q-sign-algorithm=sha1&q-ak=a&q-sign-time=1&q-key-time=1&q-header-list=&q-url-param-list=&q-signature=s',
      '',
    ],
    ['Akamai', '?hdnts=exp~hmac', ''],
    ['Bunny', '?token=t&expires=5&token_path=%2F', ''],
    [
      'parameters that only look like those of a signature',
      '?sr=16000&sp=1&expires=never',
      '?sr=16000&sp=1&expires=never',
    ],
    ['a flag', '?download', '?download'],
    ['nothing', '', ''],
  ])('%s', (_, query, left) => {
    const url = `https://store.example/models/a.onnx${query}`
    const { name, asked } = addressOf(`${url}#part`)
    expect(name).toBe(`https://store.example/models/a.onnx${left}`)
    expect(asked).toBe(query === left ? undefined : url)
    expect(!hasSecret(url)).toBe(query === left)
    expect(hasSecret(name)).toBe(false)
  })

  test('a pattern with a key sets the name, also from parts of the path', () => {
    const files = [
      'https://cdn.example/s/*/models/* https://cdn.example/models/$2',
      'https://api.example/file?*name=* https://api.example/file?name=$2',
      'https://one.example/* https://other.example/$1',
    ]
    const of = (url: string): string => addressOf(url, files).name
    expect(of('https://cdn.example/s/8f3a/models/a.onnx')).toBe('https://cdn.example/models/a.onnx')
    expect(of('https://api.example/file?visit=1&name=a')).toBe('https://api.example/file?name=a')
    expect(addressOf('https://cdn.example/s/8f3a/models/a.onnx', files).asked).toContain('8f3a')
    // A file stored for one origin is never returned for another.
    expect(of('https://one.example/a.onnx')).toBe('https://one.example/a.onnx')
    expect(of('https://cdn.example/x?token=t')).toBe('https://cdn.example/x')
  })
})

describe('one key', () => {
  const hub = 'https://h.example/org/repo/resolve'

  test.each([
    ['a plus sign', '/main/a%2Bb.onnx', '/main/a+b.onnx'],
    ['brackets', '/main/%5Bx%5D.onnx', '/main/[x].onnx'],
    ['lower-case digits', '/main/%c3%a9.onnx', '/main/%C3%A9.onnx'],
    ['a slash', '/main/onnx%2fmodel.onnx', '/main/onnx/model.onnx'],
    ['a double slash', '/main//onnx//model.onnx', '/main/onnx/model.onnx'],
    ['an unnecessary escape', '/main/%6Dodel%2Donnx.onnx', '/main/model-onnx.onnx'],
    ['a necessary escape', '/main/a%20b%3F%23.onnx', '/main/a%20b%3F%23.onnx'],
    ['a pull request', '/refs/pr/1/a.onnx', '/refs%2Fpr%2F1/a.onnx'],
    ['a branch with a slash', '/feature%2fx/a.onnx', '/feature%2Fx/a.onnx'],
    ['a download', '/main/a.onnx?download=true', '/main/a.onnx'],
    ['a download next to another parameter', '/main/a.onnx?v=1&download=1', '/main/a.onnx?v=1'],
  ])("of a hub's file, for every spelling: %s", (_, spelled, key) => {
    expect(keyOf(hub + spelled)).toBe(hub + key)
    expect(keyOf(hub + key)).toBe(hub + key)
  })

  test.each(['/main/a%2F..%2F..%2Fb', '/main/100%', '/main/%2Fx%2F%2e%2e'])(
    'a path that is no file name is unchanged: %s',
    (path) => {
      expect(keyOf(hub + path)).toBe((hub + path).replace('%2e%2e', '..'))
    },
  )

  test('on other servers only spellings equivalent by RFC 3986 share a key', () => {
    const of = (path: string): string => keyOf(`https://s.example${path}`)
    expect(of('/%61%2db/%c3%a9?x=%2f')).toBe('https://s.example/a-b/%C3%A9?x=%2F')
    expect(of('/a%2Bb.onnx')).not.toBe(of('/a+b.onnx'))
    expect(of('/a//b.onnx')).not.toBe(of('/a/b.onnx'))
    expect(of('/a.onnx?download=1')).not.toBe(of('/a.onnx'))
  })

  test('offline other spellings match, and files named by their path', () => {
    const site = 'https://s.example'
    const spellings = ['/m//a%2bb%5B1%5d.onnx?v=1', '/m/a+b[1].onnx?v=1'] as const
    expect(isSimilarUrl(site + spellings[0], site + spellings[1])).toBe(true)
    expect(isSimilarUrl(`${site}/m/a.onnx?v=1`, `${site}/m/a.onnx?v=2`)).toBe(false)
    expect(isSimilarUrl(`${site}/m/a.onnx?v=1`, `${site}/m/b.onnx?v=1`)).toBe(false)
    expect(isSimilarUrl(`${site}/m/a.onnx?v=1`, `${site}/m/a.onnx`)).toBe(true)
    expect(isSimilarUrl(`${site}/m/a.onnx`, `${site}/m/a.onnx?v=1`)).toBe(false)
    expect(isSimilarUrl(`${site}/download?file=a.onnx`, `${site}/download`)).toBe(false)
    expect(isSimilarUrl(`${site}/get.php?file=a.onnx`, `${site}/get.php`)).toBe(false)
  })
})

describe('secrets that may select content', () => {
  test.each([
    ['/models/a.onnx?X-Amz-Signature=s', ''],
    ['/models/a.onnx?token=t', ''],
    ['/models/a.onnx?key=models%2Fb', 'key=models%2Fb'],
    ['/download?token=t', 'token=t'],
  ])('%s', (path, selector) => {
    expect(selectorOf(joinCredential(`https://s.example${path}`, undefined))).toBe(selector)
  })
})

describe('a request uses the URL of its page', () => {
  const asked = 'https://s.example/a%2bb.onnx?X-Amz-Signature=a%2fb&v=1'
  const requestedFor = (url: string, own: string): string => {
    const authorization = joinCredential(own, undefined) ?? ''
    return withCredential(url, { headers: { authorization } })[0]
  }

  test('exactly the same URL where that means the same file', () => {
    expect(requestedFor('https://s.example/a%2Bb.onnx?v=1', asked)).toBe(asked)
  })

  test('with the secret, where the file is requested by its commit', () => {
    const hub = 'https://h.example/o/r/resolve'
    const commit = '1'.repeat(40)
    const own = `${hub}/main/a.gguf?token=t`
    expect(requestedFor(`${hub}/${commit}/a.gguf`, own)).toBe(`${hub}/${commit}/a.gguf?token=t`)
  })

  test('without it on another origin', () => {
    expect(requestedFor('https://cas.example/token', asked)).toBe('https://cas.example/token')
  })
})

test.each([
  [undefined, undefined],
  [undefined, 'Bearer a b'],
  ['https://s.example/a?token=t', undefined],
  ['https://s.example/a?token=t', 'Bearer a b'],
])('a credential is one text that can be split again: %s, %s', (asked, authorization) => {
  const parts = splitCredential(joinCredential(asked, authorization))
  expect([parts.asked, parts.authorization]).toEqual([asked, authorization])
})

test('different credentials have different grants, and a grant does not reveal its credential', async () => {
  const grant = await grantOf('Bearer hf_secret')
  expect(grant).toMatch(/^[0-9a-f]{32}$/)
  expect(grant).not.toBe(await grantOf('Bearer hf_other'))
  expect(await grantOf(undefined)).toBe(publicGrant)
})

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
