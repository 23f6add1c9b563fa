import { FerryError } from '../core/FerryError.ts'
import type { PolicyWatch } from '../net/PolicyWatch.ts'
import { trustedSink } from '../net/trustedSink.ts'

/**
 * Whether it was the page's own policy that something failed for.
 *
 * @param addresses of this origin that the page tried
 * @returns an error that names the directive and what to add to it; undefined when it was not the policy
 */
export async function policyRefusal(
  watch: Pick<PolicyWatch, 'refusal'>,
  addresses: readonly (string | undefined)[],
): Promise<FerryError | undefined> {
  const tried = [...addresses.filter((url) => url !== undefined), trustedSink]
  const directives = await Promise.all(tried.map((url) => watch.refusal(url)))
  const at = directives.findIndex((directive) => directive !== undefined)
  const [url = '', directive] = [tried[at], directives[at]]
  if (directive === undefined) return undefined
  if (url === trustedSink)
    return new FerryError(
      'policy',
      'The page requires Trusted Types and does not allow the policy that modelferry starts its workers with. Add it to the Content-Security-Policy of the page: "trusted-types modelferry".',
    )
  return new FerryError(
    'policy',
    `The Content-Security-Policy of the page does not allow ${new URL(url).pathname}. Add to it: "${directive} 'self'".`,
  )
}
