import { wildcard } from '../address/index.ts'
import { FerryError } from '../core/index.ts'
import type { Fetch } from '../net/index.ts'

/** Maximum number of remembered refusals; the oldest are dropped. */
const remembered = 50
/** Time between a failure and the event of its refusal, and the polling interval, milliseconds. */
const tellMs = 50
const turnMs = 5

/**
 * Records what this realm's Content-Security-Policy refused. The refused call only fails; the browser reports the
 * reason in a separate event a moment later.
 *
 * Source: Content Security Policy Level 3, section on reporting.
 */
export class PolicyWatch {
  /**
   * By refused URL. A redirect counts under its first URL. Firefox reports a URL once, so that a refusal does not expire:
   * it ends when the URL is answered, which a redirect to another host may cause.
   */
  readonly refused: Map<string, CspRefusal> = new Map()

  /**
   * @param realm the target of the event: a worker's global scope, a page's document
   * @param signal ends the watch
   */
  constructor(realm: EventTarget, signal?: AbortSignal) {
    const onViolation = (event: Event): void => {
      const { disposition, blockedURI, effectiveDirective, originalPolicy } =
        event as SecurityPolicyViolationEvent
      // Report-only policies refuse nothing.
      if (disposition !== 'enforce') return
      const refusal = { directive: effectiveDirective, policy: originalPolicy }
      this.refused.set(bare(blockedURI), refusal)
      const [oldest] = this.refused.keys()
      if (this.refused.size > remembered && oldest !== undefined) this.refused.delete(oldest)
    }
    realm.addEventListener('securitypolicyviolation', onViolation, { ...(signal && { signal }) })
  }

  /**
   * The refusal of a URL whose request just failed.
   *
   * @returns undefined when it was not the policy
   */
  async refusal(url: string): Promise<CspRefusal | undefined> {
    for (let waited = 0; waited <= tellMs; waited += turnMs) {
      await new Promise((resolve) => setTimeout(resolve, turnMs))
      const refusal = this.refused.get(bare(url))
      if (refusal) return refusal
    }
    return undefined
  }
}

/** The policy and its directive that refused a request. */
interface CspRefusal {
  readonly directive: string
  /** Its whole text. */
  readonly policy: string
}

/** Removes the query, because signatures must not be stored. */
function bare(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? ''
}

/**
 * `fetch` that reports a refusal by the Content-Security-Policy. The platform's own error is that of a lost network,
 * which would be retried.
 *
 * @param watch of this realm
 * @param script path of this realm's script: its response carries the policy
 */
export function withCspErrors(
  fetch: Fetch,
  watch: Pick<PolicyWatch, 'refusal' | 'refused'>,
  script: string,
): Fetch {
  return async (url, init = {}) => {
    try {
      const response = await fetch(url, init)
      // Its next failure has another reason.
      watch.refused.delete(bare(url))
      return response
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      const refusal = await watch.refusal(url)
      if (!refusal) throw cause
      const { directive, policy } = refusal
      const { origin } = new URL(url)
      const [what, missing] = isListed(policy, directive, origin)
        ? [`the redirect of ${bare(url)}`, '<host of its Location>']
        : [origin, origin]
      throw new FerryError(
        'policy',
        `The Content-Security-Policy of ${script} does not allow ${what}. Add "${directive} ${missing}" to it.`,
        { url, cause },
      )
    }
  }
}

/** Whether a policy names an origin already; then only the target of a redirect was refused. */
function isListed(policy: string, directive: string, origin: string): boolean {
  // Without the directive, default-src decides, which usually comes first.
  const [sources = ''] = (policy.split(`${directive} `)[1] ?? policy).split(';', 1)
  return sources
    .split(/\/?\s/)
    .some((source) => wildcard(source.includes('//') ? source : `https://${source}`).test(origin))
}

/** The browser's value in place of a URL when Trusted Types refuse a string. */
export const trustedSink = 'trusted-types-sink'
