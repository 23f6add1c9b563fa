import { FerryError } from '../core/index.ts'
import type { Fetch } from './net.ts'

/** Refusals remembered, the oldest go first. */
const remembered = 50
/** How long the browser may take to tell of a refusal after the failure it caused, and how often to look, ms. */
const tellMs = 50
const turnMs = 5

/**
 * What this realm's Content-Security-Policy refused. The refused call itself only fails; why, the browser tells
 * in an event of its own, a moment later.
 *
 * Source: Content Security Policy Level 3, section on reporting.
 */
export class PolicyWatch {
  /** Directives by refused address. A redirect goes by the address it began with. */
  readonly #refused = new Map<string, string>()

  /**
   * @param realm where the browser tells: a worker's global scope, a page's document
   * @param signal ends the watch
   */
  constructor(realm: EventTarget, signal?: AbortSignal) {
    const note = (event: Event): void => {
      const { disposition, blockedURI, effectiveDirective } = event as SecurityPolicyViolationEvent
      // Policies on trial refuse nothing.
      if (disposition !== 'enforce') return
      this.#refused.set(bare(blockedURI), effectiveDirective)
      const [oldest] = this.#refused.keys()
      if (this.#refused.size > remembered && oldest !== undefined) this.#refused.delete(oldest)
    }
    realm.addEventListener('securitypolicyviolation', note, { ...(signal && { signal }) })
  }

  /**
   * Which directive refused an address that something just failed for.
   *
   * @returns undefined when it was not the policy
   */
  async refusal(url: string): Promise<string | undefined> {
    for (let waited = 0; waited <= tellMs; waited += turnMs) {
      await new Promise((resolve) => setTimeout(resolve, turnMs))
      const directive = this.#refused.get(bare(url))
      if (directive !== undefined) return directive
    }
    return undefined
  }
}

/** Signatures are in queries, and are not to be remembered. */
function bare(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? ''
}

/**
 * `fetch` that says so when it was the Content-Security-Policy that refused: the platform's own error is that of
 * a lost network, and would be tried again.
 *
 * @param watch of this realm
 * @param script path of the script that this realm was made from: its answer carries the policy
 */
export function withCspErrors(
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

/** What the browser names instead of an address when Trusted Types refuse a plain text. */
export const trustedSink = 'trusted-types-sink'
