// Connects a page by a script tag with `data-auto`, without code of the app.
import { encodeSwParameters } from '../platform/index.ts'
import { FerryError, withTimeout } from '../core/index.ts'
import { isWeights, wildcard } from '../address/index.ts'
import { connect, reportFault } from './connect.ts'
import { resolveOptions, type ConnectOptions } from './options.ts'
import type { Ferry } from './ferry.ts'

/**
 * Options of {@link connect} from the attributes of a script tag: `data-service-worker`, `data-scope`, `data-worker`,
 * `data-hubs`, `data-files`, `data-shell`, `data-navigate-fallback`, `data-runtimes="false"`, `data-app`;
 * `data-options` has any others, as JSON. By default the worker files are in the folder of the script, when it comes
 * from the page's own origin. Tokens must not be in a page's text, so there is no attribute for them.
 *
 * @param data the tag's data attributes
 * @param script URL of the script, empty for an inline script
 * @param page URL of the page
 * @throws FerryError `configuration` when `data-options` is not JSON
 */
export function autoOptions(
  data: Readonly<Record<string, string | undefined>>,
  script: string,
  page: string,
): ConnectOptions {
  // Lists are separated by spaces, as in `class`.
  const list = (name: string): readonly string[] | undefined =>
    data[name]?.split(/\s+/).filter(Boolean)
  const beside = URL.canParse(script) && new URL('modelferry-sw.js', script)
  const own = beside && beside.origin === new URL(page).origin ? beside.href : undefined
  const hubs = list('hubs')
  const origins = (hubs ?? ['https://huggingface.co']).map((hub) => new URL(hub, page).origin)
  // Undefined options have their defaults.
  const options: Record<keyof ConnectOptions, unknown> | object = {
    serviceWorker: data['serviceWorker'] ?? own,
    scope: data['scope'],
    worker: data['worker'],
    hubs,
    files: list('files'),
    shell: list('shell'),
    navigateFallback: data['navigateFallback'],
    runtimes: data['runtimes'] !== 'false',
    frontend: data['app'] === undefined ? undefined : { app: data['app'], origins },
    ...fromJson(data['options'] ?? '{}'),
  }
  return options
}

function fromJson(text: string): ConnectOptions {
  try {
    return JSON.parse(text) as ConnectOptions
  } catch (cause) {
    throw new FerryError('configuration', 'data-options has to be JSON.', { cause })
  }
}

/**
 * Delays the page's fetches of certain URLs. Other requests (XMLHttpRequest, elements, workers) are not delayed.
 *
 * @param isHeld whether an absolute URL is delayed
 * @param ready settles when the page's own `fetch` is restored
 * @returns whether a fetch went on before, because it had waited for {@link readyLimitMs}
 */
export function holdFetches(
  isHeld: (url: string) => boolean,
  ready: Promise<unknown>,
): () => boolean {
  let late = false
  let missed = false
  const released = withTimeout(ready, readyLimitMs, '').catch(() => (late = true))
  const { fetch: plain } = globalThis
  const held: typeof fetch = async (input, init) => {
    const request = input instanceof Request ? input : undefined
    const url = input instanceof Request ? input.url : input.toString()
    const signal = init?.signal ?? request?.signal
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve))
    const held = URL.canParse(url, document.baseURI) && isHeld(new URL(url, document.baseURI).href)
    // After an abort, fetch itself rejects.
    if (held && !signal?.aborted) {
      await Promise.race([released, aborted])
      missed ||= late && !signal?.aborted
    }
    return await plain(input, init)
  }
  globalThis.fetch = held
  const giveBack = (): void => {
    late = false
    // Unless other code has wrapped it.
    if (globalThis.fetch === held) globalThis.fetch = plain
  }
  ready.then(giveBack, giveBack)
  return () => missed
}

/** Longest delay of a page's requests, milliseconds. */
const readyLimitMs = 3000
const late = 'modelferry was not ready within 3 s: model files were requested without it.'

/**
 * Connects automatically when its script tag has `data-auto`. Until then the page's fetches of model files are
 * delayed, unless the service worker is in control already. Otherwise those of the first visit would bypass it.
 *
 * @param script the tag of this script
 * @returns undefined without `data-auto`
 */
export function startAuto(script: typeof document.currentScript): Promise<Ferry> | undefined {
  if (!(script instanceof HTMLScriptElement) || script.dataset['auto'] === undefined)
    return undefined
  const options = (): ConnectOptions => autoOptions(script.dataset, script.src, location.href)
  const connected = async (): Promise<Ferry> => await connect(options())
  const ready = connected()
  let missed: (() => boolean) | undefined
  const warnOfFaults = (ferry: Ferry): void => {
    ferry.addEventListener('fault', ({ detail }) => warn(detail.message))
    if (missed?.()) reportFault(ferry, new FerryError('timeout', late, { retryable: true }))
  }
  // `ready` may have no other handler.
  ready.then(warnOfFaults).catch(warn)
  try {
    const { serviceWorker, parameters } = resolveOptions(options(), location.href)
    const url = `${serviceWorker}?${encodeSwParameters(parameters)}`
    if (navigator.serviceWorker?.controller?.scriptURL === url) return ready
    const { hubs, files } = parameters
    const places = [...hubs.map((hub) => `${hub}/*`), ...files].map(wildcard)
    // More than model files may be delayed, for a moment. An exact matcher would make the script larger for every visit.
    const isHeld = (url: string): boolean =>
      isWeights(url) || places.some((place) => place.test(url))
    missed = holdFetches(isHeld, ready)
  } catch {
    // connect() rejects with the error for the same options.
  }
  return ready
}

function warn(fault: unknown): void {
  console.warn('modelferry:', fault)
}
