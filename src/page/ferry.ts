// The object that connect() resolves with: what an app asks and changes, each call forwarded to the loader worker.
import { FerryError } from '../core/index.ts'
import { Prefetch, PrefetchProgress, Update, type PrefetchOptions } from './prefetch.ts'
import { transfer } from 'comlink'
import type { CarriedRequest, Channel } from '../protocol/index.ts'
import type {
  DeviceUsage,
  Explanation,
  FerryEventMap,
  HeldFile,
  KeptCopy,
  VerifyReport,
} from '../data/index.ts'
import { rebuildResponse, type LoaderClient } from './loader-client.ts'

/** Timeout of work on stored files, milliseconds: hashing gigabytes takes long. */
const storeMs = 30 * 60_000

/** Options of {@link Ferry.update}. */
export interface UpdateOptions {
  /** Branch or tag. Default: `main`. */
  readonly revision?: string
  /** Origin of the hub, with an optional path. Default: the first of `connect({ hubs })`. */
  readonly hub?: string
  /** Aborts the comparison. */
  readonly signal?: AbortSignal
}

type Listener<Name extends keyof FerryEventMap> =
  | ((event: CustomEvent<FerryEventMap[Name]>) => void)
  | null

/** An EventTarget with typed events. */
interface FerryEventTarget extends EventTarget {
  addEventListener<Name extends keyof FerryEventMap>(
    type: Name,
    listener: Listener<Name>,
    options?: AddEventListenerOptions | boolean,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void
  removeEventListener<Name extends keyof FerryEventMap>(
    type: Name,
    listener: Listener<Name>,
    options?: EventListenerOptions | boolean,
  ): void
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: EventListenerOptions | boolean,
  ): void
}

const FerryEvents = EventTarget as new () => FerryEventTarget

/**
 * The page's connection, the result of {@link connect}. Events: `progress`, `renewed`, `waiting`, `evicted`,
 * `fault`, for every tab of the origin.
 */
export class Ferry extends FerryEvents {
  readonly #controlled: () => boolean
  readonly #loader: LoaderClient
  readonly #channel: Channel
  /** Ends the protection of a file that the page no longer refers to. */
  readonly #files = new FinalizationRegistry<string>((id) => {
    this.#loader.call(async (remote) => remote.cancel(id)).catch(() => undefined)
  })

  constructor(loader: LoaderClient, channel: Channel, controlled: () => boolean) {
    super()
    this.#loader = loader
    this.#channel = channel
    this.#controlled = controlled
    channel.listen((envelope) => {
      if (envelope.kind !== 'event') return
      const { name, detail } = envelope.event
      this.dispatchEvent(new CustomEvent(name, { detail }))
    })
  }

  /**
   * Whether the page's own fetches go through the service worker now; false after some reloads with Shift, and when the
   * site's data was cleared.
   */
  get controlled(): boolean {
    return this.#controlled()
  }

  /**
   * `fetch` through the loader worker: model files from the device or in parallel, all other requests as usual, with
   * the token and the label for their configured origins.
   *
   * @throws FerryError; the signal's reason
   * @example const part = await ferry.fetch(url, { headers: { range: 'bytes=0-1023' } })
   */
  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init)
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    // In Firefox, `request.body` is always undefined.
    const bytes = request.body === null ? undefined : await request.arrayBuffer()
    const body = bytes?.byteLength ? bytes : undefined
    const carried: CarriedRequest = {
      url: request.url,
      method: request.method,
      headers: [...request.headers],
      mode: request.mode,
      cache: request.cache,
      credentials: request.credentials,
      redirect: request.redirect,
      integrity: request.integrity,
      ...(body !== undefined && { body }),
    }
    const sent = body === undefined ? carried : transfer(carried, [body])
    const answer = await this.#loader.cancellable(
      signal,
      (remote, id) => remote.fetch(id, sent),
      ({ body: late }) => {
        if (late instanceof ReadableStream) late.cancel().catch(() => undefined)
      },
    )
    return rebuildResponse(answer, signal ?? undefined)
  }

  /**
   * Fetches files to the device, one after the other, without reading them.
   *
   * @param urls one URL or a list, absolute or relative to the page
   * @throws FerryError `configuration` for anything else
   * @example await ferry.prefetch('https://huggingface.co/org/model/resolve/main/model.onnx')
   */
  prefetch(urls: string | readonly string[], options: PrefetchOptions = {}): Prefetch {
    const list: unknown = typeof urls === 'string' ? [urls] : urls
    if (
      Array.isArray(list) &&
      list.every((url) => typeof url === 'string' && URL.canParse(url, location.href))
    )
      return this.#load(list, options)
    throw new FerryError(
      'configuration',
      'ferry.prefetch() takes an address or a list of addresses.',
    )
  }

  /**
   * Compares the files on this device with a newer revision of a repository, and computes the bytes to fetch;
   * `apply()` fetches them. Only files of the repository that are on the device, complete or partial, are compared.
   *
   * @param repo `org/name`, or with its kind as prefix: `datasets/org/name`
   * @param options.revision branch or tag; default `main`
   * @param options.hub default: the first of `connect({ hubs })`
   * @param options.signal aborts the comparison
   * @throws FerryError `not-found` when nothing of it is on the device; `configuration`, `unsupported`; the refusal of the
   *   hub; `network` or `timeout` without network; the signal's reason
   * @example
   * const update = await ferry.update('org/model')
   * if (update.to !== update.from && confirm(`Fetch ${update.bytes} bytes?`)) await update.apply()
   */
  async update(
    repo: string,
    { revision = 'main', hub, signal }: UpdateOptions = {},
  ): Promise<Update> {
    const branch = { repo, revision, hub }
    const { base, change } = await this.#loader.cancellable(signal, (remote, id) =>
      remote.look(id, branch),
    )
    const { to } = change
    return new Update(change, {
      load: (paths, options) =>
        this.#load(
          paths.map((path) => `${base}/${path}`),
          options,
          to,
        ),
      move: async (signal) =>
        await this.#loader.cancellable(signal, (remote, id) => remote.move(id, base, to)),
    })
  }

  #load(
    urls: readonly string[],
    { signal, onProgress }: PrefetchOptions,
    commit?: string,
  ): Prefetch {
    const wanted = urls.map(absolute)
    const over = new AbortController()
    const progress = onProgress && new PrefetchProgress(wanted, onProgress)
    if (progress) {
      const until = { signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal }
      this.addEventListener('progress', ({ detail }) => progress.heard(detail), until)
      this.addEventListener('waiting', ({ detail }) => progress.waits(detail), until)
    }
    const load = async (url: string, signal: AbortSignal): Promise<void> => {
      const loaded = await this.#loader.cancellable(signal, (remote, id) =>
        remote.load(id, url, commit),
      )
      progress?.complete(loaded)
    }
    const all = new Prefetch(wanted, load, signal)
    const end = (): void => over.abort()
    all.then(end, end).catch(end)
    return all
  }

  /**
   * The whole file of a URL as a `File` on the device. If it is not stored, it is loaded first. Nothing is copied into
   * memory: `slice()` and `stream()` read from the device, in this page and in workers that get the `File` by
   * `postMessage`. While the page refers to the `File`, its bytes are neither evicted nor replaced, and `remove()`
   * deletes them later. Keep it as long as a slice of it or a worker's copy is in use.
   *
   * @param options.signal aborts the load; what has arrived is kept
   * @throws FerryError as {@link prefetch}; `quota` where there is no room for it; the signal's reason
   * @example
   * const weights = await ferry.file(new URL('model.onnx_data', modelUrl).href)
   * const head = await weights.slice(0, 1024).arrayBuffer()
   */
  async file(url: string, { signal }: { signal?: AbortSignal } = {}): Promise<File> {
    let id = ''
    const file = await this.#loader.cancellable(signal, (remote, call) =>
      remote.file((id = call), absolute(url)),
    )
    this.#files.register(file, id)
    return file
  }

  /** The files on the device, complete or partial. */
  async files(): Promise<readonly HeldFile[]> {
    return await this.#loader.call((remote) => remote.files())
  }

  /** Whether the whole file of a URL is on the device, proven. Sends no request. */
  async holds(url: string): Promise<boolean> {
    return await this.#loader.call((remote) => remote.holds(absolute(url)))
  }

  /**
   * Hashes the stored file of a URL again. A damaged file is no longer served; the next request fetches only the
   * damaged parts.
   *
   * @returns whether the whole file is here, undamaged (where its server gives no hash: unchanged since it was stored); with `report`, how much of it is stored, and how much of that is
   *   damaged
   * @example
   * if (!(await ferry.verify(url))) await ferry.prefetch([url])
   * const { state, held, size, damaged } = await ferry.verify(url, { report: true })
   */
  verify(url: string): Promise<boolean>
  verify(url: string, options: { readonly report: true }): Promise<VerifyReport>
  async verify(url: string, options?: { readonly report: true }): Promise<boolean | VerifyReport> {
    return await this.#loader.call<boolean | VerifyReport>(
      (remote) => remote.verify(absolute(url), options),
      storeMs,
    )
  }

  /** Deletes the file, the listing or the runtime of a URL. @returns whether there was one */
  async remove(url: string): Promise<boolean> {
    return await this.#loader.call((remote) => remote.remove(absolute(url)))
  }

  /** Deletes all files, and the listings and runtimes of this app. */
  async clear(): Promise<void> {
    await this.#loader.call((remote) => remote.clear(), storeMs)
  }

  /** Protects the file of a URL from eviction, or ends the protection. */
  async pin(url: string, pinned: boolean = true): Promise<void> {
    await this.#loader.call((remote) => remote.pin(absolute(url), pinned))
  }

  /**
   * Deletes the grants of the signed-in user of this app. Afterwards private files are not answered offline, nor
   * without asking the hub. Their bytes stay on the device; the next authorised user gets them after one request to
   * the hub. Call it after your app has deleted its token. Copies that libraries store themselves are not checked:
   * see {@link removeCopies}.
   *
   * @throws FerryError `timeout` or `worker`
   */
  async signOut(): Promise<void> {
    await this.#loader.call((remote) => remote.signOut())
  }

  /** Storage use on the device, and copies that libraries store in addition. */
  async usage(): Promise<DeviceUsage> {
    return await this.#loader.call((remote) => remote.usage())
  }

  /**
   * Removes second copies of complete, verified files: entries of known library caches that contain responses of
   * modelferry and are at least two seconds old. Call it when the library has loaded its model. All other entries
   * stay.
   *
   * @param options.signal aborts it; already removed copies stay removed
   * @returns the removed copies
   * @throws FerryError `timeout` or `worker`; the signal's reason
   * @example
   * await engine.reload('Llama-3.2-1B-Instruct-q4f16_1-MLC')
   * await ferry.removeCopies()
   */
  async removeCopies({ signal }: { signal?: AbortSignal } = {}): Promise<readonly KeptCopy[]> {
    return await this.#loader.cancellable(signal, (remote, id) => remote.removeCopies(id))
  }

  /**
   * Explains how a plain request of the page for a URL would be answered: whether by modelferry, from where, what
   * proves it, and what prevents it. If the device has no file information, its server is asked for it, for eight seconds
   * at most.
   *
   * @throws FerryError `worker` or `closed`; the signal's reason
   * @example console.log((await ferry.explain(modelUrl)).reasons.join('\n'))
   */
  async explain(url: string, { signal }: { signal?: AbortSignal } = {}): Promise<Explanation> {
    return await this.#loader.cancellable(signal, (remote, id) =>
      remote.explain(id, absolute(url), this.controlled),
    )
  }

  /** Asks the browser not to evict this origin's storage. @returns whether it agreed */
  async persist(): Promise<boolean> {
    return await navigator.storage.persist()
  }

  /** Ends the loader worker; the service worker continues to answer. */
  async close(): Promise<void> {
    this.#channel.close()
    await this.#loader.close()
  }
}

function absolute(url: string): string {
  return new URL(url, location.href).href
}
