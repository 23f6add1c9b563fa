import * as v from 'valibot'
import { expect, test } from 'vitest'
import { parseTrustedProxies } from '../auth/client-address.ts'
import { isHubScope, networkRange, scope } from './fields.ts'

test.each(['10.0.0.5', '10.0.0.0/8', '::1', 'fd00::/8', '::ffff:10.0.0.5', '::ffff:10.0.0.0/104'])(
  '%s is a range in the configuration and in the check of proxies',
  (text) => {
    expect(v.parse(networkRange, text)).toBe(text)
    expect(parseTrustedProxies([text])).toHaveLength(1)
  },
)

test.each([
  'read:*',
  'write:me/vad',
  'write:vad',
  'read:datasets/me/v.a-d',
  'write:spaces/me/vad',
  'write:models/me/vad',
  'write:Alice/*',
  'read:datasets/alice/*',
  'write:Spaces/alice/*',
  'write:models/datasets/*',
])('%s is a scope of the hub', (text) => {
  expect(isHubScope(text)).toBe(true)
  expect(v.parse(scope, text)).toBe(text)
})

test.each([
  'write:',
  'write:/*',
  'write:/vad',
  'write:*/*',
  'write:*/vad',
  'write:al*/vad',
  'write:alice/v*',
  'write:alice/**',
  'write:alice/*/*',
  'write:datasets/*',
  'write:spaces/*',
  'write:models/*',
  'write:datasets/*/vad',
  'write:kernels/alice/vad',
  'write:kernels/alice/*',
  'write:datasets/spaces/me/vad',
  'write:../vad',
  'write:me/vad/',
  'Write:me/vad',
  'READ:*',
])('%s matches no repository and is refused', (text) => {
  expect(isHubScope(text)).toBe(false)
  expect(v.safeParse(scope, text).success).toBe(false)
})
