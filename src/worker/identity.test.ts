import { expect, test } from 'vitest'
import { authorizationFor, identityFor } from './identity.ts'

const source = { token: async () => 'hf_secret', origins: ['https://hub.example'] }

test.each([
  ['https://hub.example/a/b/resolve/main/x', 'Bearer hf_secret'],
  ['https://hub.example:443/x', 'Bearer hf_secret'],
  ['http://hub.example/x', undefined],
  ['https://hub.example:8443/x', undefined],
  ['https://hub.example.evil/x', undefined],
  ['https://evil/https://hub.example/x', undefined],
  ['https://sub.hub.example/x', undefined],
  ['not a url', undefined],
])('a token for %s', async (url, expected) => {
  expect(await authorizationFor(url, source)).toBe(expected)
})

test('without a token no header is sent', async () => {
  const none = { ...source, token: async () => undefined }
  expect(await authorizationFor('https://hub.example/', none)).toBeUndefined()
  expect(await authorizationFor('https://hub.example/', undefined)).toBeUndefined()
})

test('the front-end identity goes to configured origins only', () => {
  const frontend = { app: 'my-app', origins: ['https://gateway.example'] }
  expect(identityFor('https://gateway.example/x', frontend, 'https://page.example')).toEqual({
    headers: { 'x-app-id': 'my-app' },
    referrer: 'https://page.example/',
    referrerPolicy: 'origin',
  })
  expect(identityFor('https://other.example/x', frontend, 'https://page.example')).toEqual({
    headers: {},
    referrer: '',
    referrerPolicy: 'no-referrer',
  })
})
