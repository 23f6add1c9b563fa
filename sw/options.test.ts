import { expect, test, describe } from 'vitest'
import { encodeSwParameters } from '../src/core/hub-url.ts'
import { askedOptions, installParameters } from './options.ts'

describe('options in the script URL', () => {
  const origin = 'https://app.example'
  const worker = `${origin}/modelferry-worker.js`
  const asked = {
    hubs: ['https://hub.example'],
    files: [`${origin}/models/*`],
    shell: [worker, `${origin}/`],
    worker,
    runtimes: false,
  }

  test('the options of connect() are read', () => {
    const script = `${origin}/sw.js?${encodeSwParameters(asked)}`
    expect(installParameters(askedOptions(script), script)).toEqual({ ...asked, origin })
  })

  test('a script that connect() did not register has no options, with any parameters', () => {
    for (const query of ['', '?worker=1&hubs=2', '?shell=/', '?worker='])
      expect(askedOptions(`${origin}/sw.js${query}`)).toEqual({})
  })

  test('a loader worker of another origin is refused: its code would run in the service worker', () => {
    const foreign = encodeURIComponent('https://evil.example/worker.js')
    expect(() => askedOptions(`${origin}/sw.js?worker=${foreign}`)).toThrow('on the origin')
  })
})

describe('options of an app’s own service worker', () => {
  const script = 'https://app.example/demo/sw.js?x=1'

  test('all options have defaults', () => {
    expect(installParameters({}, script)).toEqual({
      hubs: ['https://huggingface.co'],
      files: [],
      shell: ['https://app.example/demo/modelferry-worker.js'],
      worker: 'https://app.example/demo/modelferry-worker.js',
      runtimes: true,
      origin: 'https://app.example',
    })
  })

  test('a loader worker of another origin is refused', () => {
    const worker = 'https://cdn.example/modelferry-worker.js'
    expect(() => installParameters({ worker }, script)).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })

  test('URLs become absolute, patterns are unchanged', () => {
    const options = {
      hubs: ['https://hub.example/', '/hub'],
      files: ['/models/*', 'https://cdn.example/*.onnx'],
      shell: ['/', '/assets/*'],
      navigateFallback: '/',
      worker: false,
    } as const
    const parameters = installParameters(options, script)
    expect(parameters).not.toHaveProperty('worker')
    expect(parameters).toMatchObject({
      hubs: ['https://hub.example', 'https://app.example/hub'],
      files: ['https://app.example/models/*', 'https://cdn.example/*.onnx'],
      shell: ['https://app.example/', 'https://app.example/assets/*'],
      navigateFallback: 'https://app.example/',
    })
  })
})
