import { HubRefusal } from '../answer/HubRefusal.ts'
import type { CasToken } from './CasToken.ts'
import type { Secrets } from './Secrets.ts'
import { isSigned } from './isSigned.ts'

/**
 * Reads the CAS token of a request.
 *
 * @param secrets the hub's
 * @param authorization value of `Authorization`, or null
 * @param now epoch milliseconds
 * @throws HubRefusal 401 when there is none, it is not ours, or its time is over
 */
export function openToken(secrets: Secrets, authorization: string | null, now: number): CasToken {
  const match = /^Bearer xet_([\w-]+)\.([\w-]+)$/.exec(authorization ?? '')
  const [, body = '', signature = ''] = match ?? []
  if (match === null || !isSigned(secrets, ['token', body], signature)) {
    throw new HubRefusal(401, 'A valid CAS token is needed. Ask the hub for one.')
  }
  const token = JSON.parse(Buffer.from(body, 'base64url').toString()) as CasToken
  if (now >= token.exp * 1000) {
    throw new HubRefusal(401, 'The CAS token has expired. Ask the hub for a new one.')
  }
  return token
}
