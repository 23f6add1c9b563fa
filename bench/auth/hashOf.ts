import { createHash } from 'node:crypto'

/** SHA-256 of a token, as in a configuration. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
