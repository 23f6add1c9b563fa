// Starts the page's loader worker and calls it through Comlink, so that every call ends also when the worker does.
import { FerryError, orAborted, withTimeout } from '../core/index.ts'
import { trustedScript } from '../platform/index.ts'
import {
  type CarriedResponse,
  type LoaderApi,
  type LoaderConfig,
  plainError,
  protocolNumber,
  registerErrorTransfer,
} from '../protocol/index.ts'
import { otherBuild, reinstallHint } from './service-worker.ts'
import { proxy, wrap, type Remote } from 'comlink'

/**
 * The page's side of the loader worker. Comlink alone would leave calls unsettled when the worker fails or its proxy
 * is collected. So the proxy is kept here, every call has a timeout or a signal, and all calls reject when the worker
 * fails.
 */
export class LoaderClient {
  readonly #worker: Worker
  readonly #remote: Remote<LoaderApi>
  readonly #timeoutMs: number
  /** Pending calls. Racing each with one long-lived failure promise would keep every answer in memory. */
  readonly #pending = new Set<(error: FerryError) => void>()
  #failure: FerryError | undefined

  /** @param url of the worker file */
  constructor(url: string, timeoutMs: number) {
    registerErrorTransfer(plainError)
    this.#timeoutMs = timeoutMs
    this.#worker = new Worker(trustedScript(url), { name: 'modelferry' })
    this.#worker.addEventListener('error', (event) => {
      const path = new URL(url).pathname
      // The browser does not report this cause. Isolation with credentialless requires the header too.
      const isolated = globalThis.crossOriginIsolated
        ? ', lacks the Cross-Origin-Embedder-Policy of an isolated page'
        : ''
      const why = event.message ? ` (${event.message})` : ''
      this.#fail(
        new FerryError(
          'worker',
          `The loader worker ${path} failed${why}: it is missing, has no JavaScript MIME type${isolated}, or is broken. ${reinstallHint}`,
        ),
      )
    })
    this.#remote = wrap<LoaderApi>(this.#worker)
  }

  /** @throws FerryError `worker` when the file is of another version, or none */
  async configure(
    config: LoaderConfig,
    auth?: {
      readonly token: (refused: boolean) => Promise<string | undefined>
      readonly partition?: (() => Promise<string | undefined>) | undefined
    },
  ): Promise<void> {
    const there = await this.call((remote) =>
      remote.configure(
        config,
        auth ? proxy(auth.token) : null,
        auth?.partition ? proxy(auth.partition) : null,
      ),
    )
    if (there.protocol === protocolNumber && there.build === __BUILD__) return
    throw otherBuild('loader worker', there.version)
  }

  /**
   * @param ms milliseconds. Default: the start timeout
   * @throws FerryError `timeout`, `worker`, and the error of the loader
   */
  async call<T>(
    work: (remote: Remote<LoaderApi>) => Promise<T>,
    ms: number = this.#timeoutMs,
  ): Promise<T> {
    const late = `The loader worker did not answer within ${ms} ms.`
    return await withTimeout(this.#unlessFailed(work), ms, late)
  }

  /**
   * A call without a timeout that ends with the signal, whether the loader reacts to it or not.
   *
   * @param discard receives a late result
   */
  async cancellable<T>(
    signal: AbortSignal | null | undefined,
    work: (remote: Remote<LoaderApi>, id: string) => Promise<T>,
    discard: (late: T) => void = () => undefined,
  ): Promise<T> {
    signal?.throwIfAborted()
    const id = crypto.randomUUID()
    const cancel = (): void => void this.#remote.cancel(id)
    signal?.addEventListener('abort', cancel, { once: true })
    const answer = this.#unlessFailed((remote) => work(remote, id))
    try {
      return await orAborted(answer, signal ?? undefined)
    } catch (error) {
      answer.then(discard, () => undefined)
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Lets the loader clean up, then terminates it. */
  async close(): Promise<void> {
    try {
      await this.call((remote) => remote.close(), 1000)
    } catch {
      // It is terminated in any case.
    }
    this.#fail(new FerryError('closed', 'The connection was closed.'))
    this.#worker.terminate()
  }

  #fail(error: FerryError): void {
    this.#failure ??= error
    for (const reject of this.#pending) reject(error)
  }

  #unlessFailed<T>(work: (remote: Remote<LoaderApi>) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#pending.add(reject)
      const settled = (): void => void this.#pending.delete(reject)
      work(this.#remote).then(resolve, reject).finally(settled).catch(reject)
    })
  }
}

/**
 * Rebuilds a response that was sent as data, with the `url` that a constructed response would lack.
 *
 * @param signal aborts the body too, as it does with `fetch`
 */
export function rebuildResponse(
  { url, status, statusText, headers, body }: CarriedResponse,
  signal?: AbortSignal,
): Response {
  // The result of fetch for a redirect with `redirect: manual`; such a response cannot be constructed.
  if (status === 0) return Response.error()
  const bodyless = [204, 205, 304].includes(status)
  const response = new Response(bodyless ? null : ending(body, signal), {
    status,
    statusText,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
  Object.defineProperty(response, 'url', { value: url })
  return response
}

/** The signal stays in this realm: only the stream crossed, and the loader sees its cancellation. */
function ending(body: CarriedResponse['body'], signal: AbortSignal | undefined): BodyInit | null {
  if (signal === undefined || !(body instanceof ReadableStream)) return body
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
}
