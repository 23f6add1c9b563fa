import type { CasToken } from './CasToken.ts'
import type { Secrets } from './Secrets.ts'
import { sign } from './sign.ts'

/** Makes the opaque text of a CAS token. */
export function sealToken(secrets: Secrets, token: CasToken): string {
  const body = Buffer.from(JSON.stringify(token)).toString('base64url')
  return `xet_${body}.${sign(secrets, ['token', body])}`
}
