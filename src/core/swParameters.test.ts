import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSwParameters, encodeSwParameters } from './swParameters.ts'

test('parameters survive a script address, whatever is in them', () => {
  const list = fc.array(fc.string({ unit: 'grapheme-ascii' }))
  fc.assert(
    fc.property(fc.record({ hubs: list, files: list, shell: list }), (parameters) => {
      const url = `https://app.example/modelferry-sw.js?${encodeSwParameters(parameters)}`
      expect(decodeSwParameters(new URL(url).href)).toEqual(parameters)
    }),
  )
})

test('a script without parameters has none', () => {
  const nothing = { hubs: [], files: [], shell: [] }
  expect(decodeSwParameters('https://app.example/modelferry-sw.js')).toEqual(nothing)
  expect(encodeSwParameters(nothing)).toBe('')
})
