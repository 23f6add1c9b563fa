import { grantOf } from '../auth/grantOf.ts'
import type { Asker } from './Asker.ts'

/**
 * An asker who is known by the credential alone.
 *
 * @param authorization header value; undefined: nobody in particular
 */
export async function askerOf(authorization: string | undefined): Promise<Asker> {
  return {
    grant: await grantOf(authorization),
    authorization: async () => authorization,
    renewed: async () => undefined,
    isCurrent: async () => true,
  }
}
