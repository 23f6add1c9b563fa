import { HubRefusal } from '../answer/HubRefusal.ts'
import { refusalAnswer } from '../answer/refusalAnswer.ts'
import { storageRefusal } from '../answer/storageRefusal.ts'
import type { HubOrigin } from '../HubOrigin.ts'

/**
 * A refusal that looks like those of the place it comes from.
 *
 * @param status HTTP status, 400 to 599
 * @param headers further headers, such as `Retry-After`
 * @param origin where the request arrived
 */
export function failOnPurpose(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  origin: HubOrigin = 'hub',
): Response {
  if (origin === 'hub') {
    return refusalAnswer(new HubRefusal(status, 'Refused on purpose.', undefined, headers))
  }
  return storageRefusal('Refused on purpose', 'AccessDenied', status, headers)
}
