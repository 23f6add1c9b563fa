import { createHasher } from '../src/codec/createHasher.ts'
import { capabilities } from '../src/core/capabilities.ts'
import type { FerryErrorCode } from '../src/core/FerryErrorCode.ts'
import { sendsCookies } from '../src/core/sendsCookies.ts'
import { explained } from '../src/net/explained.ts'
import { defaultRetry } from '../src/net/defaultRetry.ts'
import { PolicyWatch } from '../src/net/PolicyWatch.ts'
import type { Channel } from '../src/protocol/Channel.ts'
import { encodeError } from '../src/protocol/encodeError.ts'
import { openStore } from '../src/store/openStore.ts'
import type { Store } from '../src/store/Store.ts'
import { createEngine } from '../src/transfer/createEngine.ts'
import type { FileSource } from '../src/transfer/FileSource.ts'
import { LazySource } from '../src/transfer/LazySource.ts'
import { openBackoff } from '../src/transfer/openBackoff.ts'
import { RemoteSource } from '../src/transfer/RemoteSource.ts'
import { respond } from '../src/transfer/respond.ts'
import { unkept } from '../src/transfer/unkept.ts'

/** Failures of our own house: the page's request is better off without us. */
const ownFailures = new Set<FerryErrorCode>([
  'storage',
  'unsupported',
  'quota',
  'policy',
  'worker',
  'closed',
  'aborted',
  'timeout',
])

/**
 * Model files as the service worker answers them. What it holds in memory is a cache of things that can be
 * opened again: it may be ended at any moment.
 */
export class Files {
  readonly #host: ServiceWorkerGlobalScope
  readonly #channel: Channel
  readonly #policy: PolicyWatch
  #source: Promise<FileSource> | undefined

  constructor(host: ServiceWorkerGlobalScope, channel: Channel) {
    this.#host = host
    this.#channel = channel
    this.#policy = new PolicyWatch(host)
  }

  /** @param id of the client that asks, empty where the browser does not say */
  async answer(request: Request, id: string): Promise<Response> {
    const { method, headers } = request
    const url = request.url.split('#', 1)[0] ?? ''
    try {
      const client = id === '' ? undefined : id
      const page = client !== undefined && (await this.#host.clients.get(client))?.type === 'window'
      const asked = { url, method, headers, client, page }
      const how = { streams: capabilities.fedBodies }
      const response = await respond(await this.#opened(), asked, how)
      const stranger = [401, 403].includes(response.status)
      return stranger && sendsCookies(request, location.origin) ? await fetch(request) : response
    } catch (error) {
      const fault = encodeError(error, 'storage')
      this.#channel.emit({ name: 'fault', detail: fault })
      if (!ownFailures.has(fault.code)) return Response.error()
      // Opened anew for the next one; answers under way go on with what they have.
      if (fault.code === 'storage') this.#source = undefined
      const response = await fetch(request)
      return fault.code === 'quota' ? unkept(response) : response
    }
  }

  async #opened(): Promise<FileSource> {
    this.#source ??= this.#open()
    try {
      return await this.#source
    } catch (error) {
      this.#source = undefined
      throw error
    }
  }

  async #open(): Promise<FileSource> {
    const store = await openStore({ hasher: await createHasher() })
    const local = new LazySource(() => this.#engine(store))
    return new RemoteSource(this.#channel, store, () => local, this.#host.registration.scope)
  }

  /** For loads with no loader: no configuration reaches it, so it has no token but the request's own. */
  async #engine(store: Store): Promise<FileSource> {
    return await createEngine({
      channel: this.#channel,
      store,
      retry: defaultRetry,
      backoff: openBackoff(this.#channel, defaultRetry),
      fetch: explained((url, init) => fetch(url, init), this.#policy, location.pathname),
    })
  }
}
