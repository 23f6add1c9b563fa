import { expect, test } from 'vitest'
import { isImported } from './engine-script.ts'

const own =
  'http://127.0.0.1:5170/modelferry-sw.js?hubs=https%3A%2F%2Fhub.example&shell=http%3A%2F%2Fx'
const host = 'https://app.example/sw.js'
const file = 'https://app.example/modelferry-sw.js'

test.each<[browser: string, guest: boolean, script: string, stack: string | undefined]>([
  ['Chromium', false, own, `Error\n    at ${own}:2:178211\n    at ${own}:2:178300`],
  ['Chromium', false, own, `Error\n    at f (${own}:2:178211)\n    at ${own}:2:178300`],
  ['Chromium', true, host, `Error\n    at ${file}:2:178211\n    at ${host}:1:1`],
  ['Firefox', false, own, `@${own}:2:178211\n`],
  ['Firefox', true, host, `@${file}:2:178211\n@${host}:1:1\n`],
  ['Safari', false, own, `global code@${own.replace(/\?.*/, '')}:2:178211`],
  ['a browser with queries in stacks', false, own, `global code@${own}:2:178211`],
  [
    'Safari',
    true,
    host,
    `global code@${file}:2:178211\nimportScripts@[native code]\nglobal code@${host}:1:14`,
  ],
  ['a browser without stacks', false, own, undefined],
])('%s: %s', (_, guest, script, stack) => {
  expect(isImported(stack, script)).toBe(guest)
})
