import * as v from 'valibot'
import { expect, test } from 'vitest'
import { parseTrustedProxies } from '../auth/client-address.ts'
import { networkRange } from './fields.ts'

test.each(['10.0.0.5', '10.0.0.0/8', '::1', 'fd00::/8', '::ffff:10.0.0.5', '::ffff:10.0.0.0/104'])(
  '%s is a range in the configuration and in the check of proxies',
  (text) => {
    expect(v.parse(networkRange, text)).toBe(text)
    expect(parseTrustedProxies([text])).toHaveLength(1)
  },
)
