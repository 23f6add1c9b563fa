import { expect, test } from 'vitest'
import { explainConfig, loadConfig, parseJson } from './load.ts'
import { FerryError } from '../core/errors.ts'

const one = '1'.repeat(64)
const two = '2'.repeat(64)

const legacy = (...legacyTokens: string[]): object => ({
  auth: { legacyTokens, legacyExpires: '2027-01-31' },
})

test('legacy tokens in shared and local files: the local file wins over the shared one, and the process over both', () => {
  const files = { shared: legacy(one), local: legacy(two) }
  expect(loadConfig({ process: {}, ...files }).auth.legacyTokens).toEqual([two])
  expect(loadConfig({ process: {}, shared: files.shared }).auth.legacyTokens).toEqual([one])
  expect(loadConfig({ process: {} }).auth.legacyTokens).toEqual([])
  const process = { MODELFERRY_LEGACY_TOKENS: ` ${'A'.repeat(64)}, ,` }
  expect(loadConfig({ process, ...files }).auth.legacyTokens).toEqual(['a'.repeat(64)])
  expect(
    loadConfig({ process: { MODELFERRY_LEGACY_TOKENS: '' }, ...files }).auth.legacyTokens,
  ).toEqual([])
})

test('an empty configuration gives the defaults of the table of tiers', () => {
  const { tiers, queue, auth, services } = loadConfig({ process: {} })
  expect(
    Object.entries(tiers).map(([name, tier]) => [name, ...Object.values({ ...tier })]),
  ).toEqual([
    ['anonymous', 6, 1, 5, 60, 1],
    ['recognised', 3, 2, 10, 60, 2],
    ['seed', 1, 3, 15, 60, 4],
    ['flower', 1, 6, 30, 60, 8],
    ['nectar', 0, 20, 100, 60, 16],
    ['legacy', 1, 3, 15, 60, 4],
  ])
  expect(queue).toMatchObject({ concurrency: 32, maxWaiting: 1000, maxKeys: 10_000 })
  expect(queue.scaling).toMatchObject({ mode: 'off', min: 4, max: 128 })
  expect(auth).toMatchObject({
    queryTokens: true,
    bodyTokens: false,
    passTiers: ['nectar', 'legacy'],
  })
  expect(services).toEqual([{ name: 'hub', path: '/', costs: [], cors: {}, timeoutSeconds: 120 }])
})

test('an environment overrides the base of its file, and a local base overrides a shared environment', () => {
  const sources = {
    process: { MODELFERRY_ENVIRONMENT: 'production' },
    shared: {
      realm: 'shared',
      queue: { concurrency: 10, maxKeys: 10 },
      environments: {
        production: { realm: 'shared production', queue: { concurrency: 20 } },
        staging: { realm: 'staging' },
      },
    },
    local: { queue: { maxKeys: 30 }, environments: { production: { queue: { instances: 3 } } } },
  }
  expect(loadConfig(sources)).toMatchObject({
    realm: 'shared production',
    queue: { concurrency: 20, maxKeys: 30, instances: 3, maxWaiting: 1000 },
  })
  expect(loadConfig({ ...sources, environment: 'staging' })).toMatchObject({
    realm: 'staging',
    queue: { concurrency: 10, maxKeys: 30, instances: 1 },
  })
  expect(loadConfig({ ...sources, process: {} }).realm).toBe('shared')
  expect(explainConfig(sources)).toMatchObject({
    realm: 'the shared file, environment production',
    'queue.concurrency': 'the shared file, environment production',
    'queue.maxKeys': 'the local file',
    'queue.instances': 'the local file, environment production',
    'queue.maxWaiting': 'default',
    'auth.allowedHosts': 'default',
  })
})

test('the list of services comes from one source and is not merged', () => {
  const { services } = loadConfig({
    process: {},
    shared: {
      services: [
        { name: 'hub', path: '/' },
        { name: 'text', path: '/v1/text/' },
      ],
    },
    local: { services: [{ name: 'text', path: '/', upstream: 'http://127.0.0.1:9000/' }] },
  })
  expect(services).toEqual([
    {
      name: 'text',
      path: '/',
      upstream: 'http://127.0.0.1:9000',
      costs: [],
      cors: {},
      timeoutSeconds: 120,
    },
  ])
})

test('dates become epoch milliseconds', () => {
  const expires = '2027-01-31T12:00:00+02:00'
  const { auth } = loadConfig({
    process: { MODELFERRY_LEGACY_EXPIRES: '2027-01-31' },
    local: { auth: { tokens: [{ sha256: one, sub: 'u1', expires }] } },
  })
  expect(auth.legacyExpires).toBe(Date.UTC(2027, 0, 31))
  expect(auth.tokens[0]?.expires).toBe(Date.UTC(2027, 0, 31, 10))
})

test.each<[text: string, line: number, column: number, why: string]>([
  ['', 1, 1, 'expected a value'],
  ['{ "realm": }', 1, 12, 'expected a value'],
  ['{\n  "a": 1,\n}', 3, 1, 'expected a name in double quotes'],
  ['{\r\n  a: 1 }', 2, 3, 'expected a name in double quotes or }'],
  ['{ "a" 1 }', 1, 7, 'expected :'],
  ['[1 2]', 1, 4, 'expected , or ]'],
  ['{"a":1 "b":2}', 1, 8, 'expected , or }'],
  ['[1]]', 1, 4, 'expected the end of the text'],
  ['[1}', 1, 3, 'expected , or ]'],
  ['[1,]', 1, 4, 'expected a value'],
  ['// no comments\n{}', 1, 1, 'expected a value'],
  ['{"a": "unfinished', 1, 7, 'expected a value'],
  ['[01]', 1, 2, 'expected a value'],
  ['[truex]', 1, 2, 'expected a value'],
  ['{"a": {"b": 1}, "c": [{"b": 1}], "a": 2}', 1, 34, 'the name "a" appears twice'],
])('the position of a fault: %j', (text, line, column, why) => {
  const error = failure(text)
  expect(error.code).toBe('configuration')
  expect(error.message).toContain(`gateway.json, line ${line}, column ${column}: `)
  expect(error.message).toContain(why)
})

test('an error quotes nothing of the file', () => {
  expect(failure('{ "secret": "s3cr3t" "s3cr3t" }').message).not.toContain('s3cr3t')
  expect(failure('s3cr3t').message).not.toContain('s3cr3t')
})

test('a byte order mark and any depth are accepted', () => {
  expect(parseJson('\uFEFF{"a": [1, {"b": null}]}', 'x')).toEqual({ a: [1, { b: null }] })
  const depth = 50_000
  expect(parseJson('['.repeat(depth) + ']'.repeat(depth), 'x')).toHaveLength(1)
})

test('a long unterminated text is scanned once', () => {
  expect(failure(`"${'a\\n'.repeat(1_000_000)}`).message).toContain('line 1, column 1')
})

function failure(text: string): FerryError {
  try {
    parseJson(text, 'gateway.json')
  } catch (error) {
    expect(error).toBeInstanceOf(FerryError)
    return error as FerryError
  }
  throw new Error('expected an error')
}
