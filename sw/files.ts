// Answers requests for model files: opens the store and the loader, and calls transfer.
import {
  capabilities,
  type PolicyWatch,
  type SwParameters,
  withCspErrors,
} from '../src/platform/index.ts'
import type { Channel, CredentialReferences } from '../src/protocol/index.ts'
import { openStoreReader } from '../src/store/index.ts'
import {
  answerPage,
  Bypass,
  type FileSource,
  OwnRequest,
  RemoteSource,
  type SpareEngine,
} from '../src/transfer/index.ts'

/**
 * Answers requests for model files in the service worker. Its memory is only a cache of things that can be opened
 * again, because the worker may be stopped at any moment.
 */
export class Files {
  readonly #host: ServiceWorkerGlobalScope
  readonly #channel: Channel
  readonly #network: typeof fetch
  readonly #open: () => Promise<FileSource>
  readonly #bypass = new Bypass()
  readonly #patterns: readonly string[]
  #source: () => Promise<FileSource>

  /**
   * @param credentials through which loaders get a request's own Authorization header
   * @param engine for files that no loader serves; loaded when the first such file is requested
   * @param parameters the options of the service worker
   * @param policy of this service worker
   * @param network makes the page's own request
   */
  constructor(
    host: ServiceWorkerGlobalScope,
    channel: Channel,
    credentials: CredentialReferences,
    engine: () => SpareEngine,
    parameters: SwParameters,
    policy: PolicyWatch,
    network: typeof fetch,
  ) {
    const { scope } = host.registration
    const ask = withCspErrors((url, init) => fetch(url, init), policy, location.pathname)
    this.#host = host
    this.#patterns = parameters.files
    this.#channel = channel
    this.#network = network
    this.#open = async () => {
      const spare = lazily(async () => await engine().open(channel, ask, parameters))
      const reader = await openStoreReader(async () => (await spare()).store)
      const local = async (): Promise<FileSource> => (await spare()).source
      return new RemoteSource(channel, reader, local, scope, credentials)
    }
    this.#source = lazily(this.#open)
  }

  /** Opens the storage before the first request, because a page has connected. */
  ready(): void {
    void this.#source().catch(() => undefined)
  }

  /**
   * @param id of the requesting client, empty when the browser gives none
   * @param wait keeps the fetch event open
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
      files: this.#patterns,
      bypass: this.#bypass,
      plain: () => this.#network(request),
      own: OwnRequest.of(request, location.origin),
      tell: (fault) => {
        this.#channel.emit({ name: 'fault', detail: fault })
        // Opened again for the next request; running responses keep their storage.
        if (fault.code === 'storage') this.#source = lazily(this.#open)
      },
      streams: capabilities.fedBodies,
      copied: true,
      whileRead: capabilities.bodiesNeedEvents ? wait : undefined,
    })
  }
}

/**
 * Makes a value when it is first requested, once. After a failure the next call tries again.
 *
 * @param make must not depend on one caller's signal, because all callers share the result
 * @returns a function that returns the value, or rejects like `make`
 * @example
 * const store = lazily(() => openStore())
 * await (await store()).file(content)
 */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    const asked = (made ??= make())
    asked.catch(() => {
      if (made === asked) made = undefined
    })
    return asked
  }
}
