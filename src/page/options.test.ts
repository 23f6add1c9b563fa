import { describe, expect, test } from 'vitest'
import type { ConnectOptions } from './options.ts'
import { resolveOptions } from './options.ts'

const page = 'https://app.example/demo/index.html?x=1'

const token = (): string => 'hf_secret'

test('all options have defaults', () => {
  expect(resolveOptions({}, page)).toEqual({
    serviceWorker: 'https://app.example/modelferry-sw.js',
    scope: 'https://app.example/',
    worker: 'https://app.example/modelferry-worker.js',
    parameters: {
      hubs: ['https://huggingface.co'],
      files: [],
      shell: ['https://app.example/modelferry-worker.js'],
      worker: 'https://app.example/modelferry-worker.js',
      runtimes: true,
    },
    options: {},
    auth: undefined,
    frontend: undefined,
    timeoutMs: 10_000,
  })
})

test('URLs become absolute', () => {
  const settings = resolveOptions(
    {
      serviceWorker: 'sw/modelferry-sw.js',
      scope: '/demo/',
      hubs: ['https://hub.example/', '/hub'],
      files: ['https://cdn.example/*.onnx', '/models/*'],
      shell: ['/', 'assets/*', 'https://app.example/x'],
      navigateFallback: './',
      auth: { token: () => 'hf_x', origins: ['https://hub.example/'] },
      frontend: { app: 'demo', origins: ['http://localhost:8080'] },
    },
    page,
  )
  expect(settings.serviceWorker).toBe('https://app.example/demo/sw/modelferry-sw.js')
  expect(settings.worker).toBe('https://app.example/demo/sw/modelferry-worker.js')
  expect(settings.scope).toBe('https://app.example/demo/')
  expect(settings.parameters).toEqual({
    hubs: ['https://hub.example', 'https://app.example/hub'],
    files: ['https://cdn.example/*.onnx', 'https://app.example/models/*'],
    shell: [
      'https://app.example/demo/sw/modelferry-worker.js',
      'https://app.example/',
      'https://app.example/demo/assets/*',
      'https://app.example/x',
    ],
    worker: 'https://app.example/demo/sw/modelferry-worker.js',
    runtimes: true,
    navigateFallback: 'https://app.example/demo/',
  })
  expect(settings.auth?.origins).toEqual(['https://hub.example/'])
  expect(settings.frontend?.origins).toEqual(['http://localhost:8080'])
})

test('the scope is the folder of the worker file, and without one the site', () => {
  expect(resolveOptions({ serviceWorker: '/a/b/sw.js' }, page).scope).toBe(
    'https://app.example/a/b/',
  )
  const without = resolveOptions({ serviceWorker: false }, page)
  expect(without.serviceWorker).toBeUndefined()
  expect(without.worker).toBe('https://app.example/modelferry-worker.js')
})

test("script and scope of the app's own service worker come from its registration", () => {
  const registration = {
    scope: 'https://app.example/demo/',
    active: null,
    waiting: null,
    installing: { scriptURL: 'https://app.example/demo/sw.js' },
  } as unknown as ServiceWorkerRegistration
  expect(resolveOptions({ serviceWorker: registration }, page)).toMatchObject({
    serviceWorker: 'https://app.example/demo/sw.js',
    registration,
    scope: 'https://app.example/demo/',
    worker: 'https://app.example/demo/modelferry-worker.js',
  })
})

test('what only the loader reads is handed on as it is', () => {
  const options = {
    retry: { attempts: 2 },
    xet: false,
    endpoints: { 'https://a': 'https://b' },
    debug: true,
  }
  expect(resolveOptions(options, page).options).toEqual(options)
})

test('a pattern with a key is one text, in which both are whole addresses', () => {
  const files = [
    '/models/*',
    { match: 'https://cdn.example/*/a?*', key: 'https://cdn.example/a/$1' },
    { match: '/s/*', key: '/$1' },
  ]
  expect(resolveOptions({ files }, page).parameters.files).toEqual([
    'https://app.example/models/*',
    'https://cdn.example/*/a?* https://cdn.example/a/$1',
    'https://app.example/s/* https://app.example/$1',
  ])
})

test.each<[name: string, known: string, options: object]>([
  ['hub', 'hubs', { hub: 'https://hub.example' }],
  ['auth.origin', 'origins', { auth: { token: () => 'hf_secret', origin: 'https://h.example' } }],
  ['frontend.name', 'app', { frontend: { name: 'x', origins: [] } }],
])('the unknown option %s is refused by name, with the known ones', (name, known, options) => {
  const resolve = (): unknown => resolveOptions(options, page)
  expect(resolve).toThrow(`no option "${name}"`)
  expect(resolve).toThrow(new RegExp(`Known: .*\\b${known}\\b`))
})

test('an option that is undefined has its default', () => {
  const options: object = { hubs: undefined, auth: undefined, retry: undefined }
  expect(resolveOptions(options, page)).toEqual(resolveOptions({}, page))
})

describe('an error names the option and the given value', () => {
  test.each<[option: string, seen: string, options: unknown]>([
    ['serviceWorker', 'https://cdn.example/sw.js', { serviceWorker: 'https://cdn.example/sw.js' }],
    ['serviceWorker', 'https://[', { serviceWorker: 'https://[' }],
    ['worker', 'https://cdn.example/w.js', { worker: 'https://cdn.example/w.js' }],
    ['worker', 'blob:https://app.example/1', { worker: 'blob:https://app.example/1' }],
    ['worker', 'https://app.example/modelferry-worker.js', { scope: '/demo/' }],
    ['scope', 'https://other.example/', { scope: 'https://other.example/' }],
    ['scope', 'http://[', { scope: 'http://[' }],
    ['hubs', 'ftp://hub.example', { hubs: ['ftp://hub.example'] }],
    ['hubs', 'https://hub.example', { hubs: 'https://hub.example' }],
    ['files', ',', { files: [{}] }],
    ['files', '/a,7', { files: [{ match: '/a', key: 7 }] }],
    ['files', ',', { files: [7] }],
    ['files', 'string', { files: 'https://a' }],
    ['shell', '7', { shell: 7 }],
    ['auth.token', 'string', { auth: { token: 'hf_secret', origins: [] } }],
    ['auth.partition', 'string', { auth: { token, origins: [], partition: 'ann' } }],
    ['runtimes', 'all', { runtimes: 'all' }],
    ['timeoutMs', '0', { timeoutMs: 0 }],
    ['timeoutMs', 'NaN', { timeoutMs: Number.NaN }],
  ])('%s: %s', (option, seen, options) => {
    let error: unknown
    try {
      resolveOptions(options as ConnectOptions, page)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ name: 'FerryError', code: 'configuration' })
    const { message } = error as Error
    expect(message).toContain(`connect(): ${option} has to be`)
    expect(message).toContain(`"${seen}"`)
    expect(message).not.toContain('hf_secret')
  })
})
