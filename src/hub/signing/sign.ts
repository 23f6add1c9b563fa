import { createHmac } from 'node:crypto'
import type { Secrets } from './Secrets.ts'

/**
 * HMAC-SHA256 over labelled parts.
 *
 * @param secrets the hub's
 * @param parts what is signed; a part must not hold a newline
 * @returns base64url
 */
export function sign(secrets: Secrets, parts: readonly string[]): string {
  return createHmac('sha256', secrets.key).update(parts.join('\n')).digest('base64url')
}
