import { withTokenRenewal } from './identity.ts'
import { createHasher } from '../codec/index.ts'
import { addressOf, fileMatcher, joinCredential } from '../address/index.ts'
import { capabilities, withCspErrors, PolicyWatch } from '../platform/index.ts'
import { FerryError, systemClock } from '../core/index.ts'
import type { Backoff, Fetch } from '../net/index.ts'
import {
  AnsweringChannel,
  type CarriedRequest,
  type CarriedResponse,
  encodeError,
  type LoaderApi,
  type LoaderConfig,
  protocolNumber,
  type RealmVersion,
} from '../protocol/index.ts'
import type {
  DeviceUsage,
  Explanation,
  HeldFile,
  KeptCopy,
  LoadedFile,
  RevisionChange,
  VerifyReport,
} from '../data/index.ts'
import { openStore, type Store, type StoredFile, type Verification } from '../store/index.ts'
import {
  type Principal,
  Bypass,
  createEngine,
  openBackoff,
  serveChannel,
} from '../transfer/index.ts'
import { Device, CachedResponses } from './device.ts'
import { Explainer } from './explain.ts'
import { runUpkeep } from './upkeep.ts'
import {
  branchBase,
  carryResponse,
  fetchForPage,
  type FetchParts,
  holdFile,
  loadFile,
} from './loader-calls.ts'
import { resolveLoaderOptions, resolveOrigins } from './loader-options.ts'
import { UserPresence, PageToken, withIdentity, Session } from './session.ts'
import { transfer } from 'comlink'

/** The state after `configure`. */
interface Running extends Omit<FetchParts, 'bypass' | 'channel'> {
  readonly store: Store
  readonly device: Device
  readonly stop: () => void
}

/** The loader worker: fetches with the right credentials, and hosts the engine for its page's files. */
export class Loader implements LoaderApi {
  readonly #channel = new AnsweringChannel()
  readonly #policy = new PolicyWatch(globalThis)
  readonly #bypass = new Bypass()
  readonly #calls = new Map<string, AbortController>()
  #backoff: Backoff | undefined
  #running: Running | undefined

  async configure(
    config: LoaderConfig,
    provider: ((refused: boolean) => Promise<string | undefined>) | null,
    partition: (() => Promise<string | undefined>) | null,
  ): Promise<RealmVersion> {
    this.#running?.stop()
    const { scope, client, ping } = config
    const { frontend, tokenOrigins } = resolveOrigins(config)
    const settings = resolveLoaderOptions(config.options)
    const { retry, xet, endpoints } = settings
    const bareFetch = withCspErrors(withIdentity(frontend), this.#policy, location.pathname)
    await this.#requirePing(bareFetch, ping)
    const store = await openStore({ hasher: await createHasher() })
    const token = provider ? new PageToken(provider, tokenOrigins) : undefined
    const presence = new UserPresence(scope)
    const session = new Session({
      store,
      app: scope,
      token,
      partition: partition ?? undefined,
      announce: (grant) => presence.announce(grant),
    })
    const authorize = (url: string, refused?: string): Promise<string | undefined> =>
      session.authorize(url, refused)
    const principal = (url: string): Promise<Principal> => session.principal(url)
    const fetch = withTokenRenewal(bareFetch, authorize)
    this.#backoff ??= openBackoff(this.#channel, retry)
    const backoff = this.#backoff
    const engine = await createEngine({
      channel: this.#channel,
      store,
      retry,
      xet,
      endpoints,
      lingering: !capabilities.abortedFetches,
      fetch,
      bareFetch,
      differs: (url) => frontend?.origins.includes(new URL(url).origin) === true,
      backoff,
      authorize,
      principal,
    })
    const served = {
      scope,
      client,
      isMixed: () => presence.isMixed(),
    }
    const stopServing = serveChannel(this.#channel, engine, served, () => {
      if (ping !== undefined) void globalThis.fetch(ping, { method: 'HEAD' }).catch(() => undefined)
    })
    const isFile = fileMatcher(config.patterns)
    const viewer = client ?? this.#channel.id
    const explainer = new Explainer({
      channel: this.#channel,
      patterns: config.patterns,
      ping,
      settings,
      isFile,
      engine,
      store,
      backoff,
      client: viewer,
      bypass: this.#bypass,
    })
    const upkeep = new AbortController()
    const stop = (): void => {
      upkeep.abort()
      stopServing()
      explainer.close()
      presence.close()
      engine.close()
    }
    const answers = new CachedResponses(scope)
    this.#running = {
      config,
      settings,
      client: viewer,
      session,
      store,
      device: new Device(store, answers, viewer, config.patterns.files),
      fetch,
      backoff,
      isFile,
      engine,
      explainer,
      stop,
    }
    // A page that cannot name its user is asked again for every file.
    void session.look().catch(() => undefined)
    const damaged = ({ urls: [known] }: StoredFile, { contradicts }: Verification): void => {
      const message = contradicts
        ? 'The hub announced a Xet hash and a SHA-256 of different files. What was stored is removed: ask for the file again.'
        : 'The stored bytes of a file were damaged. The next request fetches the damaged chunks again.'
      const fault = new FerryError('integrity', message, { url: known?.url ?? '', retryable: true })
      this.#channel.emit({ name: 'fault', detail: encodeError(fault) })
    }
    const tools = { store, answers, clock: systemClock, busy: () => engine.busy, damaged }
    void runUpkeep(tools, upkeep.signal).catch(() => undefined)
    return { protocol: protocolNumber, version: __VERSION__, build: __BUILD__ }
  }

  async fetch(id: string, request: CarriedRequest): Promise<CarriedResponse> {
    const parts = { ...this.#ready(), bypass: this.#bypass, channel: this.#channel }
    const response = await this.#call(id, (signal) => fetchForPage(request, parts, signal))
    const { carried, transferables } = await carryResponse(
      response,
      request.url.split('#', 1)[0] ?? '',
    )
    return transfer(carried, transferables)
  }

  async load(id: string, url: string, commit?: string): Promise<LoadedFile> {
    return await this.#call(id, (signal) => this.#load(url, commit, signal))
  }

  async file(id: string, url: string): Promise<File> {
    const { store } = this.#ready()
    const held = new AbortController()
    this.#calls.set(id, held)
    try {
      const load = (): Promise<LoadedFile> => this.#load(url, undefined, held.signal)
      return await holdFile(load, store, held.signal)
    } catch (error) {
      this.cancel(id)
      throw error
    }
  }

  async look(
    id: string,
    { repo, revision, hub }: { repo: string; revision: string; hub?: string },
  ): Promise<{ base: string; change: RevisionChange }> {
    const { config, engine } = this.#ready()
    const base = branchBase(hub ?? config.patterns.hubs[0], repo, revision)
    return { base, change: await this.#call(id, (signal) => engine.updates.look(base, signal)) }
  }

  async move(id: string, base: string, to: string): Promise<void> {
    const { updates } = this.#ready().engine
    await this.#call(id, (signal) => updates.move(base, to, signal))
  }

  async explain(id: string, url: string, controlled: boolean): Promise<Explanation> {
    const { explainer } = this.#ready()
    return await this.#call(id, (signal) => explainer.explain(url, signal, controlled))
  }

  cancel(id: string): void {
    this.#calls.get(id)?.abort(new FerryError('aborted', 'The call was cancelled.'))
    this.#calls.delete(id)
  }

  async files(): Promise<readonly HeldFile[]> {
    return await (await this.#device()).files()
  }

  async holds(url: string): Promise<boolean> {
    return await (await this.#device()).holds(url)
  }

  async verify(
    url: string,
    options?: { readonly report: boolean },
  ): Promise<boolean | VerifyReport> {
    const report = await (await this.#device()).verify(url)
    return options?.report ? report : report.state === 'complete' && report.intact
  }

  async remove(url: string): Promise<boolean> {
    return await (await this.#device()).remove(url)
  }

  async clear(): Promise<void> {
    await (await this.#device()).clear()
  }

  async pin(url: string, pinned: boolean): Promise<void> {
    await (await this.#device()).pin(url, pinned)
  }

  async signOut(): Promise<void> {
    await this.#ready().session.end()
  }

  async usage(): Promise<DeviceUsage> {
    return await this.#ready().device.usage()
  }

  async removeCopies(id: string): Promise<readonly KeptCopy[]> {
    const { device } = this.#ready()
    return await this.#call(id, (signal) => device.removeCopies(signal))
  }

  close(): void {
    for (const call of this.#calls.values()) call.abort()
    this.#running?.stop()
    this.#running = undefined
    this.#channel.close()
  }

  /** A loader that cannot reach its service worker could not keep it alive during a transfer. */
  async #requirePing(fetch: Fetch, ping: string | undefined): Promise<void> {
    if (ping === undefined) return
    await fetch(ping, { method: 'HEAD' }).catch((error: unknown) => {
      if (encodeError(error).code === 'policy') throw error
    })
  }

  async #load(url: string, commit: string | undefined, signal: AbortSignal): Promise<LoadedFile> {
    const { engine, client, config } = this.#ready()
    const { name, asked } = addressOf(url, config.patterns.files)
    const authorization = joinCredential(asked, undefined)
    return await loadFile(engine, name, { client, commit, authorization, signal })
  }

  async #call<T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController()
    this.#calls.set(id, abort)
    try {
      return await work(abort.signal)
    } finally {
      this.#calls.delete(id)
    }
  }

  /** The device with all that the page has got: small files are written after they are delivered. */
  async #device(): Promise<Device> {
    const { device, engine } = this.#ready()
    await engine.written()
    return device
  }

  #ready(): Running {
    if (this.#running) return this.#running
    throw new FerryError('closed', 'The loader is not connected; call connect() first.')
  }
}
