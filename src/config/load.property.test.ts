import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import type { ConfigSources } from './types.ts'
import { explainConfig, findJsonFault, loadConfig, mergeLayers, parseJson } from './load.ts'
import { processVariables } from './variables.ts'

const entries = [
  'realm',
  'auth',
  'tokens',
  'sha256',
  'queue',
  'concurrency',
  'scaling',
  'tiers',
  'seed',
]
const odd = ['$env', 'environments', '__proto__', 'constructor', 'toString', '', 'a.b']
const key = fc.oneof(fc.constantFrom(...entries, ...odd), fc.string())

/** JSON that is often partly valid. */
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1.5, -1, 'a', '', 'production', '*'),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((pairs): unknown => Object.fromEntries(pairs)),
  ),
})).value

const variables = fc.dictionary(
  fc.oneof(fc.constantFrom(...processVariables.map(({ name }) => name)), fc.string()),
  fc.oneof(fc.string(), fc.constantFrom('1', 'true', '', 'a.example, ,b.example')),
  { maxKeys: 4 },
)

function attempt(sources: ConfigSources): unknown {
  try {
    return loadConfig(sources)
  } catch (error) {
    expect(error).toBeInstanceOf(FerryError)
    expect((error as FerryError).code).toBe('configuration')
    return (error as FerryError).message
  }
}

test('any JSON in any source gives a configuration or a start-up error', () => {
  fc.assert(
    fc.property(
      variables,
      json,
      json,
      fc.option(fc.string(), { nil: undefined }),
      (process, local, shared, name) => {
        const sources = { process, local, shared, ...(name !== undefined && { environment: name }) }
        const before = JSON.stringify(sources)
        const first = attempt(sources)
        expect(JSON.stringify(sources)).toBe(before)
        expect(attempt(sources)).toEqual(first)
      },
    ),
    { numRuns: 500 },
  )
})

test('any value gives a configuration or a start-up error', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      (local) => {
        attempt({ process: {}, local })
        attempt({ process: {}, local: { auth: local, queue: { scaling: local } } })
      },
    ),
    { numRuns: 300 },
  )
})

function nested(open: string, close: string): unknown {
  return JSON.parse(`${open.repeat(50_000)}1${close.repeat(50_000)}`)
}

test('deep nesting is accepted or refused, without a stack overflow', () => {
  for (const local of [
    nested('[', ']'),
    nested('{"auth":', '}'),
    nested('{"environments":', '}'),
  ]) {
    attempt({ process: {}, local })
    attempt({
      process: {},
      local: { auth: { tokens: local } },
      shared: { auth: { tokens: local } },
    })
  }
})

/** Sources that are always valid, so that the precedence can be tested. */
const right = fc.record(
  {
    realm: fc.constantFrom('a', 'b', 'c'),
    queue: fc.record(
      { concurrency: fc.integer({ min: 1, max: 99 }), instances: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

test('precedence: process, local environment, local, shared environment, shared, default', () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
      fc.tuple(right, right, right, right),
      (fromProcess, [localChosen, local, sharedChosen, shared]) => {
        const sources = {
          process:
            fromProcess === undefined ? {} : { MODELFERRY_QUEUE_CONCURRENCY: `${fromProcess}` },
          local: { ...local, environments: { e: localChosen, other: { realm: 'never' } } },
          shared: { ...shared, environments: { e: sharedChosen } },
          environment: 'e',
        }
        const order = [localChosen, local, sharedChosen, shared]
        const config = loadConfig(sources)
        expect(config.realm).toBe(order.find(({ realm }) => realm)?.realm ?? 'modelferry')
        const concurrency = order.find(({ queue }) => queue?.concurrency)?.queue?.concurrency
        expect(config.queue.concurrency).toBe(fromProcess ?? concurrency ?? 32)
        const instances = order.find(({ queue }) => queue?.instances)?.queue?.instances
        expect(config.queue.instances).toBe(instances ?? 1)
        expect(explainConfig(sources)['queue.instances'] === 'default').toBe(
          instances === undefined,
        )
      },
    ),
  )
})

test('merging is pure and associative: it changes no layer and adds no entry', () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 4 }), (values) => {
      const layers = values.map((value, index) => ({ name: `${index}`, value }))
      const before = JSON.stringify(layers)
      const whole = mergeLayers(layers).value
      expect(JSON.stringify(layers)).toBe(before)
      expect(mergeLayers(layers).value).toEqual(whole)
      const [first, ...rest] = layers
      if (first && rest.length > 0) {
        const weaker = { name: 'rest', value: mergeLayers(rest).value }
        expect(mergeLayers([first, weaker]).value).toEqual(whole)
      }
      expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    }),
    { numRuns: 300 },
  )
})

const twice = (text: string): boolean => /appears twice/.test(findJsonFault(text)?.why ?? '')

test.each(['0 e0', '{} end', '[]e"hf_secret"'])('%s is refused after its end, unquoted', (text) => {
  expect(() => parseJson(text, 'x.json')).toThrow(
    /^x\.json, line 1, column \d: this is not JSON, expected the end of the text\.$/,
  )
})

test('exactly the texts that JSON.parse reads are accepted', () => {
  const broken = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '"', ':', '0', '\\', '\n', '\u0001', 'e'),
    )
    .map(([text, at, junk]) => {
      const index = at % (text.length + 1)
      return text.slice(0, index) + junk + text.slice(index + 1)
    })
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken, fc.string()), (text) => {
      let value: unknown
      try {
        value = JSON.parse(text)
      } catch {
        expect(() => parseJson(text, 'x.json')).toThrow(/^x\.json, line \d+, column \d+: /)
        return
      }
      if (twice(text)) return
      expect(parseJson(text, 'x.json')).toEqual(value)
    }),
    { numRuns: 1000 },
  )
})
