import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSwParameters, encodeSwParameters } from './worker-params.ts'

const origin = 'https://app.example'

test('parameters survive a script address, whatever is in them', () => {
  const list = fc.array(fc.string({ unit: 'grapheme-ascii' }))
  const page = fc.webUrl()
  const fields = { hubs: list, files: list, shell: list, runtimes: fc.boolean() }
  fc.assert(
    fc.property(fc.record(fields), fc.option(page), (lists, navigateFallback) => {
      const parameters = { ...lists, ...(navigateFallback !== null && { navigateFallback }) }
      const url = `${origin}/modelferry-sw.js?${encodeSwParameters(parameters)}`
      expect(decodeSwParameters(new URL(url).href)).toEqual({ ...parameters, origin })
    }),
  )
})

test('the loader is the first file of the app', () => {
  const worker = `${origin}/modelferry-worker.js`
  const parameters = { hubs: [], files: [], shell: [worker, `${origin}/`], worker, runtimes: true }
  const query = encodeSwParameters(parameters)
  expect(query.split('modelferry-worker.js')).toHaveLength(2)
  expect(decodeSwParameters(`${origin}/sw.js?${query}`)).toEqual({ ...parameters, origin })
})

test('a script without parameters has none', () => {
  const nothing = { hubs: [], files: [], origin, shell: [], runtimes: true }
  expect(decodeSwParameters(`${origin}/modelferry-sw.js`)).toEqual(nothing)
  expect(encodeSwParameters(nothing)).toBe('')
})
