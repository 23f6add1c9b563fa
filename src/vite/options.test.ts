import { expect, test } from 'vitest'
import type { PluginOptions } from './options.ts'
import { resolvePluginOptions } from './options.ts'

test('all options have defaults', () => {
  expect(resolvePluginOptions({})).toEqual({
    filename: 'modelferry-sw.js',
    folder: '',
    scope: undefined,
    injectRegister: 'auto',
    registerType: 'prompt',
    dev: true,
    connect: {},
  })
  expect(resolvePluginOptions({ filename: 'a/b/sw.js', injectRegister: null })).toMatchObject({
    folder: 'a/b/',
    injectRegister: null,
  })
})

test.each<[option: string, seen: string, options: unknown]>([
  ['filename', '"/sw.js"', { filename: '/sw.js' }],
  ['filename', '"../sw.js"', { filename: '../sw.js' }],
  ['filename', '"a/../sw.js"', { filename: 'a/../sw.js' }],
  ['filename', '"sw.mjs.txt"', { filename: 'sw.mjs.txt' }],
  ['injectRegister', '"always"', { injectRegister: 'always' }],
  ['injectRegister', 'false', { injectRegister: false }],
  ['registerType', '"auto"', { registerType: 'auto' }],
  ['dev', '"yes"', { dev: 'yes' }],
  ['connect.auth', '"object"', { connect: { auth: {} } }],
  ['connect.serviceWorker', '"string"', { connect: { serviceWorker: '/sw.js' } }],
])('an error names the option and the given value: %s %s', (option, seen, options) => {
  expect(() => resolvePluginOptions(options as PluginOptions)).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: expect.stringMatching(
        new RegExp(
          `${option.replace('.', String.raw`\.`)} has to be .*it is ${seen.replaceAll('.', String.raw`\.`)}`,
        ),
      ),
    }),
  )
})
