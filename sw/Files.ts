import { createHasher } from '../src/codec/createHasher.ts'
import { FerryError } from '../src/core/FerryError.ts'
import { defaultRetry } from '../src/net/defaultRetry.ts'
import type { Channel } from '../src/protocol/Channel.ts'
import { encodeError } from '../src/protocol/encodeError.ts'
import { openStore } from '../src/store/openStore.ts'
import type { Store } from '../src/store/Store.ts'
import { createEngine } from '../src/transfer/createEngine.ts'
import type { FileSource } from '../src/transfer/FileSource.ts'
import { LazySource } from '../src/transfer/LazySource.ts'
import { RemoteSource } from '../src/transfer/RemoteSource.ts'
import { respond } from '../src/transfer/respond.ts'

/** Failures of our own house: the page's request is better off without us. */
const ownFailures = new Set(['storage', 'unsupported', 'quota', 'worker', 'closed', 'timeout'])

/**
 * Model files as the service worker answers them. What it holds in memory is a cache of things that can be
 * opened again: it may be ended at any moment.
 */
export class Files {
  readonly #channel: Channel
  #source: Promise<FileSource> | undefined

  constructor(channel: Channel) {
    this.#channel = channel
  }

  async answer(request: Request): Promise<Response> {
    const { method, headers } = request
    const url = request.url.split('#', 1)[0] ?? ''
    try {
      this.#source ??= this.#open()
      return await respond(await this.#source, { url, method, headers })
    } catch (error) {
      if (error instanceof FerryError && !ownFailures.has(error.code)) return Response.error()
      this.#source = undefined
      this.#channel.emit({ name: 'fault', detail: encodeError(error) })
      const response = await fetch(request)
      return error instanceof FerryError && error.code === 'quota' ? unkept(response) : response
    }
  }

  async #open(): Promise<FileSource> {
    const store = await openStore({ hasher: await createHasher() })
    const local = new LazySource(() => this.#engine(store))
    return new RemoteSource(this.#channel, store, () => local)
  }

  /** For loads with no loader: no configuration reaches it, so it has no token but the request's own. */
  async #engine(store: Store): Promise<FileSource> {
    return await createEngine({
      channel: this.#channel,
      store,
      retry: defaultRetry,
      fetch: (url, init) => fetch(url, init),
      authorize: async () => undefined,
    })
  }
}

/** The server's own answer, labelled: it was neither checked nor kept, since there is no room. */
function unkept(response: Response): Response {
  if (response.type === 'opaque') return response
  const { status, statusText, body } = response
  const headers = new Headers(response.headers)
  headers.set('x-modelferry', 'unkept')
  return new Response(body, { status, statusText, headers })
}
