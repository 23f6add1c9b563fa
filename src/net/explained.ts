import { FerryError } from '../core/FerryError.ts'
import type { Fetch } from './Fetch.ts'
import type { PolicyWatch } from './PolicyWatch.ts'

/**
 * `fetch` that says so when it was the Content-Security-Policy that refused: the platform's own error is that of
 * a lost network, and would be tried again.
 *
 * @param watch of this realm
 * @param script path of the script that this realm was made from: its answer carries the policy
 */
export function explained(
  fetch: Fetch,
  watch: Pick<PolicyWatch, 'refusal'>,
  script: string,
): Fetch {
  return async (url, init = {}) => {
    try {
      return await fetch(url, init)
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      const directive = await watch.refusal(url)
      if (directive === undefined) throw cause
      const { origin } = new URL(url)
      throw new FerryError(
        'policy',
        `The Content-Security-Policy that ${script} is served with does not allow ${origin}, or where that redirects to. Add it to the policy: "${directive} ${origin}".`,
        { url, cause },
      )
    }
  }
}
