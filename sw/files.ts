import { capabilities, type FerryErrorCode, lazily, sendsCookies } from '../src/core/index.ts'
import { withCspErrors, PolicyWatch } from '../src/net/index.ts'
import { type Channel, type CredentialReferences, encodeError } from '../src/protocol/index.ts'
import { openStoreReader } from '../src/store/index.ts'
import {
  type FileSource,
  RemoteSource,
  respond,
  type SpareEngine,
  unkept,
} from '../src/transfer/index.ts'

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
  readonly #open: () => Promise<FileSource>
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
    const { method, headers } = request
    const url = request.url.split('#', 1)[0] ?? ''
    try {
      const client = id === '' ? undefined : id
      const page = client !== undefined && (await this.#host.clients.get(client))?.type === 'window'
      const asked = { url, method, headers, client, page }
      const hold = capabilities.bodiesNeedEvents ? wait : undefined
      const how = { streams: capabilities.fedBodies, hold }
      const response = await respond(await this.#source(), asked, how)
      const stranger = [401, 403].includes(response.status)
      return stranger && sendsCookies(request, location.origin) ? await fetch(request) : response
    } catch (error) {
      const fault = encodeError(error, 'storage')
      this.#channel.emit({ name: 'fault', detail: fault })
      if (!ownFailures.has(fault.code)) return Response.error()
      // Opened anew for the next one; answers under way go on with what they have.
      if (fault.code === 'storage') this.#source = lazily(this.#open)
      const response = await fetch(request)
      return fault.code === 'quota' ? unkept(response) : response
    }
  }
}
