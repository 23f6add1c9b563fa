import * as v from 'valibot'
import { signedUrlExpiry } from '../../src/reconstruction/signed-url.ts'
import { expectSame } from './expectSame.ts'

const schema = v.object({ url: v.string(), expiresMs: v.nullable(v.number()) })

/** Group `expiry`: a URL and the epoch millisecond of its expiry, null when it contains none. */
export function checkExpiry(entry: unknown): void {
  const { url, expiresMs } = v.parse(schema, entry)
  expectSame('expiry', signedUrlExpiry(url), expiresMs)
}
