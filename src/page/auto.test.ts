import { expect, test } from 'vitest'
import { autoOptions } from './auto.ts'

const page = 'https://app.example/demo/'
const script = 'https://app.example/lib/modelferry.js'

test.each<[what: string, data: Record<string, string>, script: string, options: unknown]>([
  [
    'nothing',
    { auto: '' },
    script,
    { serviceWorker: 'https://app.example/lib/modelferry-sw.js', runtimes: true },
  ],
  ['a script of a CDN', { auto: '' }, 'https://cdn.example/modelferry.js', { runtimes: true }],
  ['a script within the page', { auto: '' }, '', { runtimes: true }],
  [
    'everything',
    {
      auto: '',
      serviceWorker: '/sw.js',
      scope: '/demo/',
      worker: '/w.js',
      hubs: ' https://hub.example\n/hub ',
      files: '/models/*',
      shell: '',
      navigateFallback: '/',
      runtimes: 'false',
      app: 'my-app',
      options: '{ "timeoutMs": 5, "retry": { "attempts": 2 } }',
    },
    script,
    {
      serviceWorker: '/sw.js',
      scope: '/demo/',
      worker: '/w.js',
      hubs: ['https://hub.example', '/hub'],
      files: ['/models/*'],
      shell: [],
      navigateFallback: '/',
      runtimes: false,
      timeoutMs: 5,
      retry: { attempts: 2 },
      frontend: { app: 'my-app', origins: ['https://hub.example', 'https://app.example'] },
    },
  ],
])('%s', (_, data, from, options) => {
  expect(autoOptions(data, from, page)).toEqual(options)
})

test('options that are not JSON are refused with a clear error', () => {
  expect(() => autoOptions({ options: '{ timeoutMs: 5 }' }, script, page)).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: expect.stringMatching(/data-options.*JSON/),
    }),
  )
})
