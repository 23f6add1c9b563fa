import { authorizationFor } from '../auth/authorizationFor.ts'
import { grantOf } from '../auth/grantOf.ts'
import { hasOrigin } from '../auth/hasOrigin.ts'
import type { TokenSource } from '../auth/TokenSource.ts'
import { FerryError } from '../core/FerryError.ts'
import { withTimeout } from '../core/withTimeout.ts'
import { encodeError } from '../protocol/encodeError.ts'
import type { Store } from '../store/Store.ts'
import type { Asker } from '../transfer/Asker.ts'
import { askerOf } from '../transfer/askerOf.ts'
import { sessionAfter } from './sessionAfter.ts'

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
    if (authorization === undefined) return await askerOf(undefined)
    const { token, app } = this.#parts
    const grant = await grantOf(`${app} token ${authorization}`)
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
