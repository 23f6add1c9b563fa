import { expect, test } from 'vitest'
import { route } from './route.ts'

const table = {
  scope: 'https://app.example/demo/',
  isFile: (url: string) => url.startsWith('https://hub.example/m/'),
  isShell: (url: string) => url.startsWith('https://app.example/demo/assets/'),
}
const plain = { method: 'GET', mode: 'cors', cache: 'default' } as const

test.each([
  ['a model file', { ...plain, url: 'https://hub.example/m/x' }, 'file'],
  ['its size', { ...plain, url: 'https://hub.example/m/x', method: 'HEAD' }, 'file'],
  ['a request of our own', { ...plain, url: 'https://hub.example/m/x#modelferry' }, 'pass'],
  ['an upload', { ...plain, url: 'https://hub.example/m/x', method: 'PUT' }, 'pass'],
  ['a visit to the file', { ...plain, url: 'https://hub.example/m/x', mode: 'navigate' }, 'pass'],
  [
    'only from cache',
    { ...plain, url: 'https://hub.example/m/x', cache: 'only-if-cached' },
    'pass',
  ],
  ['a file of the app', { ...plain, url: 'https://app.example/demo/assets/a.js' }, 'shell'],
  ['a ping', { ...plain, url: 'https://app.example/demo/modelferry-ping' }, 'ping'],
  [
    'a ping by HEAD',
    { ...plain, url: 'https://app.example/demo/modelferry-ping', method: 'HEAD' },
    'ping',
  ],
  ['something else', { ...plain, url: 'https://app.example/demo/other' }, 'pass'],
] as const)('%s', (_, request, expected) => {
  expect(route(request, table)).toBe(expected)
})
