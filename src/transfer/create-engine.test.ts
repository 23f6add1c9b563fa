import { describe, expect, test } from 'vitest'
import { endpointOf } from './create-engine.ts'

describe('hosts that are mapped', () => {
  const endpoints = {
    'https://cas.example/': 'https://proxy.example/cas/',
    'https://hub.example/api': 'https://proxy.example/api',
  }

  test.each([
    ['https://cas.example/v2/x?X-Sig=a%2fb&b=+', 'https://proxy.example/cas/v2/x?X-Sig=a%2fb&b=+'],
    ['https://cas.example?a', 'https://proxy.example/cas?a'],
    ['https://cas.example.evil.example/x', 'https://cas.example.evil.example/x'],
    ['https://hub.example/api/models', 'https://proxy.example/api/models'],
    ['https://hub.example/apis', 'https://hub.example/apis'],
    ['https://other.example/x', 'https://other.example/x'],
  ])('%s is asked at %s', (url, asked) => {
    expect(endpointOf(endpoints)(url)).toBe(asked)
  })
})
