import { describe, expect, test } from 'vitest'
import { defaultRetry } from '../net/attempt.ts'
import { resolveLoaderOptions, resolveOrigins } from './loader-options.ts'

describe('options that only the loader reads', () => {
  test('what is left out keeps its default', () => {
    const retry = { attempts: 2, stallMs: undefined } as unknown as Partial<typeof defaultRetry>
    expect(resolveLoaderOptions({ retry })).toEqual({
      retry: { ...defaultRetry, attempts: 2 },
      xet: true,
      endpoints: {},
      debug: false,
    })
    expect(resolveLoaderOptions({ retry: undefined, xet: undefined })).toEqual(
      resolveLoaderOptions({}),
    )
  })

  test.each<[option: string, seen: string, options: object]>([
    ['retry.attempts', '0', { retry: { attempts: 0 } }],
    ['retry.renewals', '-1', { retry: { renewals: -1 } }],
    ['retry.stallMs', 'NaN', { retry: { stallMs: Number.NaN } }],
    ['xet', 'no', { xet: 'no' }],
    ['debug', '1', { debug: 1 }],
    ['endpoints', 'https://a.example', { endpoints: 'https://a.example' }],
    ['endpoints', 'a.example', { endpoints: { 'a.example': 'https://b.example' } }],
    [
      'endpoints',
      'https://b.example/?x=1',
      { endpoints: { 'https://a.example': 'https://b.example/?x=1' } },
    ],
    ['endpoints', 'ftp://b.example', { endpoints: { 'https://a.example': 'ftp://b.example' } }],
  ])('a refusal names the option and what was given: %s %s', (option, seen, options) => {
    const resolve = (): unknown => resolveLoaderOptions(options)
    expect(resolve).toThrow(`connect(): ${option} has to be`)
    expect(resolve).toThrow(`"${seen}"`)
  })

  test('an unknown part of a retry policy is refused by name, with those that exist', () => {
    const retry: object = { attempt: 3 }
    const resolve = (): unknown => resolveLoaderOptions({ retry })
    expect(resolve).toThrow('no option "retry.attempt"')
    expect(resolve).toThrow(/Known: .*\battempts\b/)
  })
})

describe('origins that a token or a label is sent to', () => {
  test('have one spelling', () => {
    const frontend = { app: 'demo', origins: ['http://localhost:8080'] }
    expect(resolveOrigins({ tokenOrigins: ['https://hub.example/'], frontend })).toEqual({
      tokenOrigins: ['https://hub.example'],
      frontend,
    })
  })

  test.each<[option: string, seen: string, config: object]>([
    ['auth.origins', 'undefined', { tokenOrigins: undefined }],
    ['auth.origins', 'https://h.example/api', { tokenOrigins: ['https://h.example/api'] }],
    ['auth.origins', '*', { tokenOrigins: ['*'] }],
    ['auth.origins', 'hub.example', { tokenOrigins: ['hub.example'] }],
    ['frontend.app', 'undefined', { tokenOrigins: [], frontend: { origins: [] } }],
    [
      'frontend.origins',
      'data:x',
      { tokenOrigins: [], frontend: { app: 'a', origins: ['data:x'] } },
    ],
  ])('are refused by name: %s %s', (option, seen, config) => {
    const resolve = (): unknown => resolveOrigins(config as never)
    expect(resolve).toThrow(`connect(): ${option} has to be`)
    expect(resolve).toThrow(`"${seen}"`)
  })
})
