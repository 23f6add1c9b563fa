// Which requests of the loader carry the page's token and its label.
import type { Fetch } from '../net/index.ts'

/**
 * Whether an address lies on one of the origins, compared whole: scheme, host and port.
 *
 * @param url any text; a text that is not a URL is on no origin
 */
export function hasOrigin(url: string, origins: readonly string[]): boolean {
  try {
    return origins.includes(new URL(url).origin)
  } catch {
    return false
  }
}

const scheme = 'Bearer '

/**
 * The `Authorization` header for an address: only where the token was given for exactly this origin.
 *
 * @param url absolute
 * @param refused a header that the server answered with 401: another token is requested
 * @returns undefined when no token may be sent, or when the refused token was not the source's
 * @example await authorizationFor('https://huggingface.co/x', { token, origins: ['https://huggingface.co'] })
 */
export async function authorizationFor(
  url: string,
  source: TokenSource | undefined,
  refused?: string,
): Promise<string | undefined> {
  if (!source || !hasOrigin(url, source.origins)) return undefined
  if (refused !== undefined && !refused.startsWith(scheme)) return undefined
  const token = await source.token(refused?.slice(scheme.length))
  return token ? scheme + token : undefined
}

/** A token and the origins it was given for. */
export interface TokenSource {
  /**
   * Returns the token each time it is needed; undefined or empty: none.
   *
   * @param refused a token that was answered with 401. Returns its replacement, or the same token when there is no
   * other. Undefined when the refused token did not come from this source.
   */
  readonly token: (refused?: string) => Promise<string | undefined>
  /** As `https://host` or `https://host:port`. */
  readonly origins: readonly string[]
}

/**
 * `fetch` that gets another token once when its token was refused with 401, and repeats the request with it. With the
 * same token again, or none, the 401 is the result. A refused token is not sent again when a newer one has replaced
 * it.
 *
 * @param authorize returns the `Authorization` to send instead; undefined when the refused token is not its own
 */
export function withTokenRenewal(
  fetch: Fetch,
  authorize: (url: string, refused: string) => Promise<string | undefined>,
): Fetch {
  /** The refused token and its origin: the same token may still be sent to other origins. */
  let refused = ''
  let instead = ''
  return async (url, init = {}) => {
    const headers = new Headers(init.headers)
    const given = headers.get('authorization')
    if (given === null) return await fetch(url, init)
    const { origin } = new URL(url)
    const sent = `${origin} ${given}` === refused ? instead : given
    headers.set('authorization', sent)
    const response = await fetch(url, { ...init, headers })
    // Storage after a redirect never received the token.
    const elsewhere = response.redirected && new URL(response.url).origin !== origin
    if (response.status !== 401 || elsewhere) return response
    const renewed = await authorize(url, sent)
    if (renewed === undefined || renewed === sent) return response
    await response.body?.cancel()
    refused = `${origin} ${given}`
    instead = renewed
    headers.set('authorization', renewed)
    return await fetch(url, { ...init, headers })
  }
}

/** A front end: its label, and the origins that may see it. It identifies, it never authenticates. */
export interface Frontend {
  /** Sent as `x-app-id`. */
  readonly app: string
  readonly origins: readonly string[]
}

/** Headers and referrer that identify a front end on one request. */
export interface Identity {
  readonly headers: Readonly<Record<string, string>>
  readonly referrer: string
  readonly referrerPolicy: ReferrerPolicy
}

const noIdentity: Identity = { headers: {}, referrer: '', referrerPolicy: 'no-referrer' }

/**
 * Front-end identity for a URL: `x-app-id` and the page's origin as referrer where they were configured, nothing
 * elsewhere. Workers must set the referrer: workers made from a blob send none by themselves.
 *
 * @param url where the request goes
 * @param page origin of the page
 */
export function identityFor(url: string, frontend: Frontend | undefined, page: string): Identity {
  if (!frontend || !hasOrigin(url, frontend.origins)) return noIdentity
  return { headers: { 'x-app-id': frontend.app }, referrer: `${page}/`, referrerPolicy: 'origin' }
}
