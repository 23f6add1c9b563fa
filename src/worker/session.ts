import {
  authorizationFor,
  hasOrigin,
  identityFor,
  type Frontend,
  type TokenSource,
} from './identity.ts'
import { grantOf } from '../address/index.ts'
import { FerryError, withTimeout } from '../core/index.ts'
import { encodeError } from '../protocol/index.ts'
import { principalOf, type Principal } from '../transfer/index.ts'
import type { Fetch } from '../net/index.ts'
import type { Store } from '../store/index.ts'

/** Maximum number of grants of one app: each rotated token adds one. */
const mostGrants = 8

/**
 * The grants of an app after a user was seen. The previous user's grant is removed, unless both are present at once:
 * in another tab, or as one user with another token.
 *
 * @param grants current grants, the newest last
 * @param grant of the current user
 * @param before grant of the previous user in this page; undefined: none
 */
export function sessionAfter(
  grants: readonly string[],
  grant: string,
  before: string | undefined,
): readonly string[] {
  const known = grants.includes(grant)
  if (before === grant) return known ? grants : [...grants, grant].slice(-mostGrants)
  return known && before === undefined ? grants : [grant]
}

/** Timeout of the page's answer about its user, milliseconds. */
const partitionMs = 30_000

/** The dependencies of a session. */
export interface SessionParts {
  readonly store: Pick<Store, 'session' | 'changeSession'>
  /** The app's scope: separates the sessions of several apps on one origin. */
  readonly app: string
  readonly token: TokenSource | undefined
  /** Returns the name of the signed-in user; undefined: no user is signed in. */
  readonly partition: (() => Promise<string | undefined>) | undefined
  /** Receives the grant of the user whenever it is determined; undefined: no user is signed in. */
  readonly announce?: (grant: string | undefined) => void
}

/**
 * The signed-in user of this app. The page is asked every time, and the device stores which grants the app uses, so a
 * sign-out is detected even when the user had signed in on another page.
 */
export class Session {
  readonly #parts: SessionParts
  /** Grant of the user at the page's last answer. */
  #before: string | undefined

  constructor(parts: SessionParts) {
    this.#parts = parts
    if (!parts.token) parts.announce?.(undefined)
  }

  /** The principal of a request for a URL with the configured credential. */
  async principal(url: string): Promise<Principal> {
    const { token, partition } = this.#parts
    if (!token || !hasOrigin(url, token.origins)) return await principalOf(undefined)
    try {
      if (partition) return await this.#byPartition(url)
      return await this.#byToken(url, await authorizationFor(url, token))
    } catch (cause) {
      return await unknown(cause)
    }
  }

  /**
   * The header for a URL, from the configured credential.
   *
   * @param refused as in {@link authorizationFor}
   */
  async authorize(url: string, refused?: string): Promise<string | undefined> {
    if (refused !== undefined) return await authorizationFor(url, this.#parts.token, refused)
    return await (await this.principal(url)).authorization()
  }

  /** Checks the signed-in user; a previous user loses the grants. */
  async look(): Promise<void> {
    if (this.#parts.partition) await this.#userGrant()
  }

  /** Deletes all grants of this app. The bytes stay for authorised users. */
  async end(): Promise<void> {
    const { store, app } = this.#parts
    this.#before = undefined
    await store.changeSession(app, () => [])
  }

  async #byPartition(url: string): Promise<Principal> {
    const grant = await this.#userGrant()
    if (grant === undefined) return await principalOf(undefined)
    const { token } = this.#parts
    const principal: Principal = {
      grant,
      authorization: () => authorizationFor(url, token).catch(rejectWith),
      renewed: async (refused) => {
        const next = await authorizationFor(url, token, refused)
        if (next === undefined || next === refused) return undefined
        return { ...principal, authorization: async () => next }
      },
      // First checked without a change: a sign-out may have happened in between.
      isCurrent: async () => (await this.#has(grant)) && (await this.#named()) === grant,
    }
    return principal
  }

  async #byToken(url: string, authorization: string | undefined): Promise<Principal> {
    const { token, app, announce } = this.#parts
    if (authorization === undefined) {
      announce?.(undefined)
      return await principalOf(undefined)
    }
    const grant = await grantOf(`${app} token ${authorization}`)
    announce?.(grant)
    await this.#enter(grant, grant)
    return {
      grant,
      authorization: async () => authorization,
      renewed: async (refused) => {
        const next = await authorizationFor(url, token, refused)
        return next === undefined || next === refused ? undefined : this.#byToken(url, next)
      },
      isCurrent: () => this.#has(grant),
    }
  }

  /** Adds the grant of the signed-in user. @returns the grant */
  async #userGrant(): Promise<string | undefined> {
    const { app, store } = this.#parts
    const grant = await this.#named()
    if (grant !== undefined) await this.#enter(grant, this.#before)
    else if ((await store.session(app)).length > 0) await this.end()
    this.#before = grant
    this.#parts.announce?.(grant)
    return grant
  }

  /** Grant of the user that the page names. */
  async #named(): Promise<string | undefined> {
    const { app, partition } = this.#parts
    if (!partition) return undefined
    const user = await withTimeout(
      partition(),
      partitionMs,
      'The page did not say who is signed in.',
    )
    return user ? await grantOf(`${app} user ${user}`) : undefined
  }

  async #has(grant: string): Promise<boolean> {
    const { app, store } = this.#parts
    return (await store.session(app)).includes(grant)
  }

  async #enter(grant: string, before: string | undefined): Promise<void> {
    const { app, store } = this.#parts
    const known = await store.session(app)
    if (sessionAfter(known, grant, before) !== known)
      await store.changeSession(app, (grants) => sessionAfter(grants, grant, before))
  }
}

/** The page could not name its user: public files are still answered, but the hub is not asked. */
async function unknown(cause: unknown): Promise<Principal> {
  return { ...(await principalOf(undefined)), authorization: async () => rejectWith(cause) }
}

function rejectWith(cause: unknown): never {
  const { message } = encodeError(cause)
  throw new FerryError(
    'network',
    `The page could not name its user, so the hub was not asked: ${message} Look at auth.token and auth.partition of connect().`,
    { retryable: true, cause },
  )
}

/** Timeout of the page's token, milliseconds: it may need a request to its own server. */
const tokenMs = 30_000

/** Number of remembered tokens of the page, so that the refusal of a foreign token does not ask the page for another one. */
const remembered = 8

/**
 * The page's token. After a refusal the page is asked for another one, once for all concurrent callers.
 */
export class PageToken implements TokenSource {
  readonly origins: readonly string[]
  readonly #ask: (refused: boolean) => Promise<string | undefined>
  /** Tokens so far, the current one last. */
  #given: readonly string[] = []
  #renewal: Promise<string | undefined> | undefined

  /** @param ask the page's provider; its argument says whether its last token was refused */
  constructor(ask: (refused: boolean) => Promise<string | undefined>, origins: readonly string[]) {
    this.#ask = ask
    this.origins = origins
  }

  /** @throws FerryError `timeout`; the error of the provider */
  async token(refused?: string): Promise<string | undefined> {
    if (refused === undefined) return await this.#next(false)
    if (!this.#given.includes(refused)) return undefined
    const current = this.#given.at(-1)
    if (this.#renewal === undefined && current !== refused) return current
    this.#renewal ??= this.#next(true).finally(() => (this.#renewal = undefined))
    return await this.#renewal
  }

  async #next(refused: boolean): Promise<string | undefined> {
    const token = await withTimeout(this.#ask(refused), tokenMs, 'The page gave no token in time.')
    if (token)
      this.#given = [...this.#given.filter((one) => one !== token), token].slice(-remembered)
    return token
  }
}

/** Maximum number of URLs that are known to redirect. */
const mostRedirecting = 500

/**
 * `fetch` with the front-end identity for its configured origins, and without a referrer for other hosts than the
 * page's.
 *
 * The label does not follow a redirect, because a browser would send it to any host. So a redirect is not followed
 * while the label is set; the request is repeated without it. A request that changes data cannot be sent twice; if it
 * is redirected, the browser sends the label too (if the other host's CORS allows it). The other host sees the page's
 * origin in any case, as `Origin`. When page and gateway share an origin, a redirected request carries no identity.
 *
 * @param fetch the platform's, except in tests
 * @param page origin of the page
 */
export function withIdentity(
  frontend: Frontend | undefined,
  fetch: Fetch = (url, init) => globalThis.fetch(url, init),
  page: string = globalThis.location.origin,
): Fetch {
  const redirecting = new Set<string>()
  return async (url, init = {}) => {
    const { headers: added, referrer, referrerPolicy } = identityFor(url, frontend, page)
    const bare: RequestInit = hasOrigin(url, [page])
      ? init
      : { ...init, referrerPolicy: 'no-referrer' }
    if (referrer === '' || redirecting.has(url)) return await fetch(url, bare)
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(added)) headers.set(name, value)
    const { method = 'GET', redirect = 'follow' } = init
    const repeatable = ['GET', 'HEAD'].includes(method) && redirect === 'follow'
    const shown = { ...init, headers, referrer, referrerPolicy }
    if (!repeatable) return await fetch(url, shown)
    const response = await fetch(url, { ...shown, redirect: 'manual' })
    if (response.type !== 'opaqueredirect') return response
    redirecting.add(url)
    const [oldest] = redirecting
    if (redirecting.size > mostRedirecting && oldest !== undefined) redirecting.delete(oldest)
    return await fetch(url, bare)
  }
}

/**
 * The users of the open loaders of one app. Each loader holds a shared Web Lock that is named by its user; the
 * browser releases it when the worker ends for any reason.
 *
 * A request of a page's own worker does not show which page it belongs to, so any loader answers it. With the
 * credential of its page a loader may do so only while all loaders have the same user.
 */
export class UserPresence {
  readonly #prefix: string
  #name: string | undefined
  #release: () => void = () => undefined

  /** @param app the app's scope */
  constructor(app: string) {
    this.#prefix = `modelferry-user:${app}:`
  }

  /** @param grant a digest of the user; undefined: no user is signed in */
  announce(grant: string | undefined): void {
    const name = this.#prefix + (grant ?? '')
    if (name === this.#name) return
    this.#release()
    this.#name = name
    const held = new Promise<void>((resolve) => {
      this.#release = resolve
    })
    navigator.locks.request(name, { mode: 'shared' }, () => held).catch(() => undefined)
  }

  /** Whether loaders of several users are open; true also when it is unknown. */
  async isMixed(): Promise<boolean> {
    try {
      const { held = [] } = await navigator.locks.query()
      const names = held.flatMap(({ name }) => (name?.startsWith(this.#prefix) ? [name] : []))
      return new Set(names).size > 1
    } catch {
      return true
    }
  }

  close(): void {
    this.#release()
    this.#name = undefined
  }
}
