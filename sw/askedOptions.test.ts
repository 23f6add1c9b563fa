import { expect, test } from 'vitest'
import { encodeSwParameters } from '../src/core/worker-params.ts'
import { askedOptions } from './options.ts'
import { installParameters } from './options.ts'

const origin = 'https://app.example'
const worker = `${origin}/modelferry-worker.js`
const asked = {
  hubs: ['https://hub.example'],
  files: [`${origin}/models/*`],
  shell: [worker, `${origin}/`],
  worker,
  runtimes: false,
}

test('what connect() asked for is what is answered', () => {
  const script = `${origin}/sw.js?${encodeSwParameters(asked)}`
  expect(installParameters(askedOptions(script), script)).toEqual({ ...asked, origin })
})

test('of a script that connect() did not register nothing was asked, whatever its parameters are called', () => {
  for (const query of ['', '?worker=1&hubs=2', '?shell=/', '?worker='])
    expect(askedOptions(`${origin}/sw.js${query}`)).toEqual({})
})
