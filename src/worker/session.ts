import {
  authorizationFor,
  type Frontend,
  grantOf,
  hasOrigin,
  identityFor,
  type TokenSource,
} from '../auth/index.ts'
import { FerryError, withTimeout } from '../core/index.ts'
import { encodeError } from '../protocol/index.ts'
import { type Asker, askerOf } from '../transfer/index.ts'
import type { Fetch } from '../net/index.ts'
import type { Store } from '../store/index.ts'

/** Grants of one app that are kept at most: each rotated token is another one. */
const most = 8

/**
 * An app's grants after somebody has come. Who came before goes, unless both are there at once: in another
 * tab, or as the same user by another token.
 *
 * @param grants as of now, the newest last
 * @param grant of whoever came
 * @param before of who was there last, as the one who asks knows; undefined: it begins
 */
export function sessionAfter(
  grants: readonly string[],
  grant: string,
  before: string | undefined,
): readonly string[] {
  const known = grants.includes(grant)
  if (before === grant) return known ? grants : [...grants, grant].slice(-most)
  return known && before === undefined ? grants : [grant]
}

/** How long the page may take to say who is signed in, milliseconds. */
const partitionMs = 30_000

/** Where a session is kept, and who says whose it is. */
export interface SessionParts {
  readonly store: Pick<Store, 'session' | 'changeSession'>
  /** Keeps the sessions of several apps on one origin apart: the app's scope. */
  readonly app: string
  readonly token: TokenSource | undefined
  /** Who is signed in, as the page names them; undefined: nobody. */
  readonly partition: (() => Promise<string | undefined>) | undefined
  /** Is told the grant of the user, whenever it is found out; undefined: nobody is signed in. */
  readonly announce?: (grant: string | undefined) => void
}

/**
 * Who is signed in to this app. The page is asked every time, and the device remembers whose grants the app
 * has in use, so that a sign-out is noticed even when it was another page that was signed in to.
 */
export class Session {
  readonly #parts: SessionParts
  /** Grant of who was signed in when the page was asked last. */
  #before: string | undefined

  constructor(parts: SessionParts) {
    this.#parts = parts
    if (!parts.token) parts.announce?.(undefined)
  }

  /** Who asks for a URL with the configured credential. */
  async asker(url: string): Promise<Asker> {
    const { token, partition } = this.#parts
    if (!token || !hasOrigin(url, token.origins)) return await askerOf(undefined)
    try {
      if (partition) return await this.#byPartition(url)
      return await this.#byToken(url, await authorizationFor(url, token))
    } catch (cause) {
      return await unknown(cause)
    }
  }

  /**
   * The header for an address, from the configured credential.
   *
   * @param refused as in {@link authorizationFor}
   */
  async authorize(url: string, refused?: string): Promise<string | undefined> {
    if (refused !== undefined) return await authorizationFor(url, this.#parts.token, refused)
    return await (await this.asker(url)).authorization()
  }

  /** Notices who is signed in now, where the page can say; who was before loses the grants. */
  async look(): Promise<void> {
    if (this.#parts.partition) await this.#who()
  }

  /** Takes all grants of this app. The bytes stay, for who may have them. */
  async end(): Promise<void> {
    const { store, app } = this.#parts
    this.#before = undefined
    await store.changeSession(app, () => [])
  }

  async #byPartition(url: string): Promise<Asker> {
    const grant = await this.#who()
    if (grant === undefined) return await askerOf(undefined)
    const { token } = this.#parts
    const asker: Asker = {
      grant,
      authorization: () => authorizationFor(url, token).catch(notSaid),
      renewed: async (refused) => {
        const next = await authorizationFor(url, token, refused)
        if (next === undefined || next === refused) return undefined
        return { ...asker, authorization: async () => next }
      },
      // Asked first without letting anybody in: a sign-out may have come in between.
      isCurrent: async () => (await this.#has(grant)) && (await this.#named()) === grant,
    }
    return asker
  }

  async #byToken(url: string, authorization: string | undefined): Promise<Asker> {
    const { token, app, announce } = this.#parts
    if (authorization === undefined) {
      announce?.(undefined)
      return await askerOf(undefined)
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

  /** Lets in who is signed in. @returns their grant */
  async #who(): Promise<string | undefined> {
    const { app, store } = this.#parts
    const grant = await this.#named()
    if (grant !== undefined) await this.#enter(grant, this.#before)
    else if ((await store.session(app)).length > 0) await this.end()
    this.#before = grant
    this.#parts.announce?.(grant)
    return grant
  }

  /** Grant of who is signed in, as the page says. */
  async #named(): Promise<string | undefined> {
    const { app, partition } = this.#parts
    if (!partition) return undefined
    const who = await withTimeout(
      partition(),
      partitionMs,
      'The page did not say who is signed in.',
    )
    return who ? await grantOf(`${app} user ${who}`) : undefined
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

/** The page could not say who asks: what everybody may have is still answered, the hub is not asked. */
async function unknown(cause: unknown): Promise<Asker> {
  return { ...(await askerOf(undefined)), authorization: async () => notSaid(cause) }
}

function notSaid(cause: unknown): never {
  const { message } = encodeError(cause)
  throw new FerryError(
    'network',
    `The page could not say who asks, so that the hub was not asked either: ${message} Look at auth.token and auth.partition of connect().`,
    { retryable: true, cause },
  )
}

/** How long the page may take to give its token, milliseconds: it may have to ask its own server. */
const tokenMs = 30_000

/** Tokens remembered as the page's own, so that nobody else's refusal asks the page for another one. */
const remembered = 8

/**
 * The page's token. When it was refused, the page is asked for another one, once for everybody who waits.
 */
export class PageToken implements TokenSource {
  readonly origins: readonly string[]
  readonly #ask: (refused: boolean) => Promise<string | undefined>
  /** Given so far, the current one last. */
  #given: readonly string[] = []
  #renewal: Promise<string | undefined> | undefined

  /** @param ask the page's provider; told whether the token that it gave last was refused */
  constructor(ask: (refused: boolean) => Promise<string | undefined>, origins: readonly string[]) {
    this.#ask = ask
    this.origins = origins
  }

  /** @throws FerryError `timeout`; what the provider throws */
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

/** Addresses that are known to redirect, at most. */
const limit = 500

/**
 * `fetch` that shows the front end where it was configured for the request's origin, and no referrer to other
 * hosts than the page's.
 *
 * The label does not follow a redirect: a browser would take it along to any host, so a redirect is not
 * followed while it is there, but asked for again without it. Only a request that changes something cannot
 * be sent twice; if it is redirected, the browser takes the label along (where the other host's CORS allows
 * it). The page's origin is shown to the other host either way, as `Origin`; where page and gateway share an
 * origin, a request that is redirected identifies nobody.
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
    if (redirecting.size > limit && oldest !== undefined) redirecting.delete(oldest)
    return await fetch(url, bare)
  }
}
