import { timingSafeEqual } from 'node:crypto'
import type { Secrets } from './Secrets.ts'
import { sign } from './sign.ts'

/**
 * Whether a signature is that of `parts`, in constant time.
 *
 * @param secrets the hub's
 * @param parts as they were signed
 * @param signature as it arrived
 */
export function isSigned(secrets: Secrets, parts: readonly string[], signature: string): boolean {
  const wanted = Buffer.from(sign(secrets, parts))
  const given = Buffer.from(signature)
  return wanted.byteLength === given.byteLength && timingSafeEqual(wanted, given)
}
