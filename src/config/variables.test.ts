import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  foreignVariables,
  gatewayVariables,
  processVariables,
  readReferences,
  readVariables,
  unknownVariables,
} from './variables.ts'

describe('readVariables', () => {
  test.each([
    ['MODELFERRY_REALM', 'models', { realm: 'models' }],
    ['MODELFERRY_ALLOWED_HOSTS', 'a,b', { auth: { allowedHosts: 'a,b' } }],
    ['MODELFERRY_QUEUE_SCALING', 'on', { queue: { scaling: { mode: 'on' } } }],
    ['MODELFERRY_QUEUE_CONCURRENCY', '8', { queue: { concurrency: 8 } }],
    ['MODELFERRY_QUERY_TOKENS', 'true', { auth: { queryTokens: true } }],
    ['MODELFERRY_QUERY_TOKENS', 'false', { auth: { queryTokens: false } }],
  ])('%s=%s sets an entry', (name, text, value) => {
    expect(readVariables({ [name]: text })).toEqual([{ name: `the variable ${name}`, value }])
  })

  test.each([
    ['MODELFERRY_QUEUE_CONCURRENCY', ''],
    ['MODELFERRY_QUEUE_CONCURRENCY', '1e3'],
    ['MODELFERRY_QUEUE_CONCURRENCY', '-1'],
    ['MODELFERRY_QUEUE_CONCURRENCY', '0x10'],
    ['MODELFERRY_QUEUE_CONCURRENCY', '1234567890123456'],
    ['MODELFERRY_QUERY_TOKENS', '1'],
    ['MODELFERRY_QUERY_TOKENS', 'TRUE'],
  ])('%s=%j stays a text, which the schema refuses', (name, text) => {
    expect(JSON.stringify(readVariables({ [name]: text })[0]!.value)).toContain(
      `:${JSON.stringify(text)}}`,
    )
  })

  test('ignores variables that are not set, or only inherited', () => {
    expect(readVariables({ MODELFERRY_REALM: undefined })).toEqual([])
    expect(
      readVariables(Object.create({ MODELFERRY_REALM: 'models' }) as Record<string, string>),
    ).toEqual([])
  })

  test('has each name and each entry once', () => {
    for (const key of ['name', 'path'] as const)
      expect(new Set(processVariables.map((each) => String(each[key]))).size).toBe(
        processVariables.length,
      )
  })
})

describe('readReferences', () => {
  test('replaces each reference, with its path, and nothing else', () => {
    const value = { a: [{ $env: 'A' }, 1], b: { $env: 1 }, c: { $env: 'C', more: 1 }, d: null }
    const seen: string[] = []
    const read = readReferences(value, ({ path, variable }) => {
      seen.push(`${path.join('.')}=${variable}`)
      return variable.toLowerCase()
    })
    expect(read).toEqual({ ...value, a: ['a', 1] })
    expect(seen).toEqual(['a.0=A'])
    expect(value.a[0]).toEqual({ $env: 'A' })
  })

  test('copies any JSON without references', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(readReferences(value, () => expect.fail())).toEqual(value)
      }),
    )
  })

  test('ends on a value that contains itself', () => {
    const value: Record<string, unknown> = {}
    value['again'] = value
    expect(() => readReferences(value, () => undefined)).not.toThrow()
  })
})

describe('variables with the prefix of modelferry', () => {
  const process = {
    PATH: '/',
    MODELFERRY_REALM: 'models',
    MODELFERRY_REALMS: 'models',
    MODELFERRY_SECRET: 's',
    MODELFERRY_LISTEN_PORT: '80',
    MODELFERRY_SERVICE_HOST: '10.0.0.1',
    MODELFERRY_PORT: 'tcp://10.0.0.1:80',
    MODELFERRY_UNSET: undefined,
  }

  test('are unknown unless a file refers to them, or a cluster has set them', () => {
    const unknown = (files: unknown[]): string[] =>
      unknownVariables(process, files).map((text) => text.slice(0, text.indexOf(':')))
    expect(unknown([{ a: { $env: 'MODELFERRY_SECRET' } }])).toEqual([
      'the variable MODELFERRY_REALMS',
    ])
    expect(unknown([])).toEqual([
      'the variable MODELFERRY_REALMS',
      'the variable MODELFERRY_SECRET',
    ])
  })

  test('are those of a cluster by name, or by a port that is an address', () => {
    expect(foreignVariables(process)).toEqual(['MODELFERRY_SERVICE_HOST', 'MODELFERRY_PORT'])
    expect(foreignVariables({ MODELFERRY_PORT: '80', OTHER_SERVICE_HOST: 'x' })).toEqual([])
  })

  test('are read by a gateway only, except those of `modelferry serve`', () => {
    expect(gatewayVariables(process)).toEqual([
      'MODELFERRY_REALM',
      'MODELFERRY_REALMS',
      'MODELFERRY_SECRET',
    ])
  })
})
