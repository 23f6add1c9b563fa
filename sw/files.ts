import { capabilities, lazily } from '../src/core/index.ts'
import { withCspErrors, PolicyWatch } from '../src/net/index.ts'
import type { Channel, CredentialReferences } from '../src/protocol/index.ts'
import { openStoreReader } from '../src/store/index.ts'
import {
  answerPage,
  Bypass,
  type FileSource,
  RemoteSource,
  type SpareEngine,
} from '../src/transfer/index.ts'

/**
 * Model files as the service worker answers them. What it holds in memory is a cache of things that can be
 * opened again: it may be ended at any moment.
 */
export class Files {
  readonly #host: ServiceWorkerGlobalScope
  readonly #channel: Channel
  readonly #open: () => Promise<FileSource>
  readonly #bypass = new Bypass()
  #source: () => Promise<FileSource>

  /**
   * @param credentials through which loaders get a request's own Authorization header
   * @param engine for files that no loader carries; looked for when the first such file is asked for
   */
  constructor(
    host: ServiceWorkerGlobalScope,
    channel: Channel,
    credentials: CredentialReferences,
    engine: () => SpareEngine,
  ) {
    const { scope } = host.registration
    const policy = new PolicyWatch(host)
    const ask = withCspErrors((url, init) => fetch(url, init), policy, location.pathname)
    this.#host = host
    this.#channel = channel
    this.#open = async () => {
      const spare = lazily(async () => await engine().open(channel, ask))
      const reader = await openStoreReader(async () => (await spare()).store)
      const local = async (): Promise<FileSource> => (await spare()).source
      return new RemoteSource(channel, reader, local, scope, credentials)
    }
    this.#source = lazily(this.#open)
  }

  /**
   * @param id of the client that asks, empty where the browser does not say
   * @param wait keeps the request's event open
   */
  async answer(
    request: Request,
    id: string,
    wait: (work: Promise<unknown>) => void,
  ): Promise<Response> {
    const { method, headers, cache, redirect, credentials } = request
    const url = request.url.split('#', 1)[0] ?? ''
    const client = id === '' ? undefined : id
    const page = client !== undefined && (await this.#host.clients.get(client))?.type === 'window'
    const asked = { url, method, headers, cache, redirect, credentials, client, page }
    return await answerPage(() => this.#source(), asked, {
      origin: location.origin,
      bypass: this.#bypass,
      plain: () => fetch(request),
      tell: (fault) => {
        this.#channel.emit({ name: 'fault', detail: fault })
        // Opened anew for the next one; answers under way go on with what they have.
        if (fault.code === 'storage') this.#source = lazily(this.#open)
      },
      streams: capabilities.fedBodies,
      hold: capabilities.bodiesNeedEvents ? wait : undefined,
    })
  }
}
