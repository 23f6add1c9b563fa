import { expect, test } from 'vitest'
import { installParameters } from './options.ts'

const script = 'https://app.example/demo/sw.js?x=1'

test('without options there is a default for everything', () => {
  expect(installParameters({}, script)).toEqual({
    hubs: ['https://huggingface.co'],
    files: [],
    shell: ['https://app.example/demo/modelferry-worker.js'],
    worker: 'https://app.example/demo/modelferry-worker.js',
    runtimes: true,
    origin: 'https://app.example',
  })
})

test('addresses become absolute, patterns stay as they are', () => {
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
