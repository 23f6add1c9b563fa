import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSwParameters, encodeSwParameters, versionOrder } from './worker-params.ts'

describe('swParameters', () => {
  const origin = 'https://app.example'

  test('any parameters survive the script URL', () => {
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
    const parameters = {
      hubs: [],
      files: [],
      shell: [worker, `${origin}/`],
      worker,
      runtimes: true,
    }
    const query = encodeSwParameters(parameters)
    expect(query.split('modelferry-worker.js')).toHaveLength(2)
    expect(decodeSwParameters(`${origin}/sw.js?${query}`)).toEqual({ ...parameters, origin })
  })

  test('how the engine fetches survives the script URL, and the defaults leave it unchanged', () => {
    const endpoints = {
      'https://cas.example': 'https://proxy.example/cas?',
      'https://b.example': '',
    }
    const given = { hubs: [], files: [], shell: [], xet: false, endpoints }
    expect(decodeSwParameters(`${origin}/sw.js?${encodeSwParameters(given)}`)).toEqual({
      ...given,
      origin,
      runtimes: true,
    })
    const usual = { ...given, xet: true, endpoints: {} }
    expect(encodeSwParameters(usual)).toBe('')
  })

  test('a script URL without parameters decodes to none', () => {
    const nothing = { hubs: [], files: [], origin, shell: [], runtimes: true }
    expect(decodeSwParameters(`${origin}/modelferry-sw.js`)).toEqual(nothing)
    expect(encodeSwParameters(nothing)).toBe('')
  })
})

describe('versionOrder', () => {
  test.each([
    ['1.9.12', '1.10.2', 'older than'],
    ['0.20.0', '1.10.2', 'older than'],
    ['1.10.3', '1.10.2', 'newer than'],
    ['2.0.0', '1.10.2', 'newer than'],
    ['1.10.2', '1.10.2', 'of another build than'],
  ])('%s beside %s is %s it', (version, other, order) => {
    expect(versionOrder(version, other)).toBe(order)
  })
})
