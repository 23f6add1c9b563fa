import { encodeSwParameters, FerryError, isWeights, wildcard, withTimeout } from '../core/index.ts'
import { connect, reportFault } from './connect.ts'
import { resolveOptions, type ConnectOptions } from './options.ts'
import type { Ferry } from './ferry.ts'

/**
 * Options of {@link connect} from the attributes of a script tag: `data-service-worker`, `data-scope`,
 * `data-worker`, `data-hubs`, `data-files`, `data-shell`, `data-navigate-fallback`, `data-runtimes="false"`,
 * `data-app`; `data-options` has any others, as JSON. Files are looked for beside the script, when it comes from the
 * page's own origin. Tokens have no place in a page's text.
 *
 * @param data the tag's data attributes
 * @param script where the script came from, empty for one within the page
 * @param page address of the page
 * @throws FerryError `configuration` when `data-options` is no JSON
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
  // What is undefined has its default.
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
 * Lets the page's fetches of certain addresses wait. Requests of other kinds (XMLHttpRequest, elements, workers)
 * do not wait.
 *
 * @param isHeld tells by an absolute address
 * @param released when they go on; from then on the page has its own `fetch` again
 */
export function holdFetches(isHeld: (url: string) => boolean, released: Promise<void>): void {
  const { fetch: plain } = globalThis
  const held: typeof fetch = async (input, init) => {
    const request = input instanceof Request ? input : undefined
    const url = input instanceof Request ? input.url : input.toString()
    const signal = init?.signal ?? request?.signal
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve))
    const held = URL.canParse(url, document.baseURI) && isHeld(new URL(url, document.baseURI).href)
    // Given up meanwhile, the fetch itself says so.
    if (held && !signal?.aborted) await Promise.race([released, aborted])
    return await plain(input, init)
  }
  globalThis.fetch = held
  const giveBack = async (): Promise<void> => {
    await released
    // Unless somebody put another one around it.
    if (globalThis.fetch === held) globalThis.fetch = plain
  }
  void giveBack()
}

/** How long a page's requests wait for modelferry at most, milliseconds. */
const holdMs = 3000

/**
 * Connects by itself when its script tag has `data-auto`. The page's fetches of model files wait meanwhile, unless
 * the service worker is in control already: else the first visit would go past it.
 *
 * @param script the tag this runs from
 * @returns undefined when the tag does not ask for it
 */
export function startAuto(script: typeof document.currentScript): Promise<Ferry> | undefined {
  if (!(script instanceof HTMLScriptElement) || script.dataset['auto'] === undefined)
    return undefined
  const options = (): ConnectOptions => autoOptions(script.dataset, script.src, location.href)
  const connected = async (): Promise<Ferry> => await connect(options())
  const ready = connected()
  // Nobody else may be looking at `ready`.
  ready
    .then((ferry) => ferry.addEventListener('fault', ({ detail }) => warn(detail.message)))
    .catch(warn)
  try {
    const { serviceWorker, parameters } = resolveOptions(options(), location.href)
    const url = `${serviceWorker}?${encodeSwParameters(parameters)}`
    if (navigator.serviceWorker?.controller?.scriptURL === url) return ready
    const { hubs, files } = parameters
    const places = [...hubs.map((hub) => `${hub}/*`), ...files].map(wildcard)
    // More than model files may wait: that costs moments, where a whole matcher would cost every visit's bytes.
    const isHeld = (url: string): boolean =>
      isWeights(url) || places.some((place) => place.test(url))
    holdFetches(isHeld, released(ready))
  } catch {
    // What connect() refuses the same options with says it.
  }
  return ready
}

function warn(fault: unknown): void {
  console.warn('modelferry:', fault)
}

/** When the requests go on: connected, failed, or too late, and then whoever is connected later hears of it. */
async function released(ready: Promise<Ferry>): Promise<void> {
  const late = 'modelferry was not ready within 3 s: requests for model files went on without it.'
  try {
    await withTimeout(ready, holdMs, late)
  } catch (fault) {
    ready.then((ferry) => reportFault(ferry, fault)).catch(() => undefined)
  }
}
