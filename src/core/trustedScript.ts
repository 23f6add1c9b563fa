/** The parts of Trusted Types that are used here; not every browser has them. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown }
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined

/**
 * The address of a worker file as pages with Trusted Types want it: made by the policy `modelferry`, which lets
 * only addresses of the page's own origin pass and is known to nobody else.
 *
 * Where the page does not allow that policy, the address itself: a default policy of the page may let it pass.
 *
 * @param url of a worker file, absolute
 * @throws TypeError for an address of another origin
 * Source: Trusted Types, sections on policies and on `require-trusted-types-for`.
 */
export function trustedScript(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  try {
    policy ??= trustedTypes?.createPolicy('modelferry', { createScriptURL: ofThisOrigin })
  } catch {
    return url
  }
  // TypeScript's libraries know addresses of scripts as texts only.
  return (policy?.createScriptURL(url) as string | undefined) ?? url
}

function ofThisOrigin(url: string): string {
  if (new URL(url).origin === location.origin) return url
  throw new TypeError('modelferry starts workers of its own origin only.')
}
