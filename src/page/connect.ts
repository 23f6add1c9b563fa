// Connects a page: starts the service worker and the loader worker, and makes the Ferry. Called by apps, and by
// auto.ts.
import { FerryError } from '../core/index.ts'
import { type SwParameters, PolicyWatch } from '../platform/index.ts'
import { wildcard } from '../address/index.ts'
import {
  Channel,
  decodeError,
  type LoaderConfig,
  optionsPingPath,
  pingPath,
  plainError,
} from '../protocol/index.ts'
import type { ErrorData } from '../data/index.ts'
import { Ferry } from './ferry.ts'
import { LoaderClient } from './loader-client.ts'
import { resolveOptions, type ConnectOptions, type Settings } from './options.ts'
import {
  askClientId,
  otherServiceWorker,
  policyRefusal,
  requireBrowser,
  sameScript,
  startServiceWorker,
  requireSameBuild,
} from './service-worker.ts'

const timeoutMs = 60_000

/**
 * Makes the service worker store the files from which this page was loaded, because they were loaded before the
 * worker was in control.
 *
 * @param parameters options of the service worker, absolute
 */
export async function keepShell(
  channel: Channel,
  { shell, navigateFallback }: SwParameters,
): Promise<void> {
  const patterns = shell.map(wildcard)
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
  // The query of a navigation may contain a one-time code, so it is not sent again. Every page can read the channel.
  const urls = [location.href.split('?', 1)[0] ?? '', ...loaded]
    .map((url) => url.split('#', 1)[0] ?? '')
    .filter((url) => !/[?&][^=]*(?:token|key|sig|auth|secret|code)[^=]*=/i.test(url))
    .filter((url) => patterns.some((pattern) => pattern.test(url.split('?', 1)[0] ?? '')))
  if (navigateFallback) urls.push(navigateFallback)
  const script = navigator.serviceWorker.controller?.scriptURL
  if (script === undefined) return
  await channel.ask('shell', { script, urls: [...new Set(urls)] }, { timeoutMs })
}

/** Dispatches the event `fault` on a new connection, after the page could add listeners. */
export function reportFault(ferry: Ferry, error: unknown): void {
  setTimeout(() => {
    ferry.dispatchEvent(new CustomEvent('fault', { detail: plainError(error) }))
  })
}

/**
 * Dispatches `fault` when the service worker that takes over does not serve this page. It may have the options of
 * another page, since a scope has one service worker and the last connection sets its options. Or the browser does not
 * use it for this page. Chromium 156 skips pages that were open while it waited for more than 30 s. Also when the
 * service worker is gone, as after "clear site data".
 *
 * @param ping a URL that the service worker answers
 * @param controls receives whether modelferry's service worker controls the page
 */
async function tellReplaced(
  ferry: Ferry,
  ping: string,
  controls: (controlled: boolean) => void,
): Promise<void> {
  const { serviceWorker } = navigator
  const { waiting, active } = (await serviceWorker.getRegistration()) ?? {}
  const ours = (waiting ?? active)?.scriptURL
  serviceWorker.addEventListener('controllerchange', () => {
    const now = serviceWorker.controller?.scriptURL
    const foreign = now !== undefined && ours !== undefined && !sameScript(now, ours)
    controls(now !== undefined && !foreign)
    if (now === undefined) return reportFault(ferry, uncontrolled())
    if (foreign) return reportFault(ferry, otherServiceWorker(now))
    if (now !== ours) reportFault(ferry, otherOptions())
    const missing = (): void => {
      controls(false)
      reportFault(ferry, uncontrolled())
    }
    void askClientId(ping).then((id) => id ?? missing())
  })
}

function otherOptions(): FerryError {
  return new FerryError(
    'configuration',
    'Another page of this scope connected with other options, which now count here. Give all pages of a scope the same, or each app a folder of its own.',
  )
}

/**
 * Connects the page: registers the service worker, waits until it controls the page, and starts the loader worker.
 * From then on modelferry answers the page's own requests for model files, without a change to its code. When it
 * rejects, they continue as without modelferry.
 *
 * @param options every field has a default; paths and URLs may be relative to the page
 * @throws FerryError `insecure-context`, `unsupported`, `scope`, `worker`, `policy`, `timeout` or
 *   `configuration`, with a sentence that says what to change
 * @example
 * const ferry = await connect({ hubs: ['https://huggingface.co'] })
 * const session = await InferenceSession.create(modelUrl) // parallel, verified, stored
 */
export async function connect(options: ConnectOptions = {}): Promise<Ferry> {
  await requireBrowser(options.serviceWorker !== false)
  const settings = resolveOptions(options, location.href)
  const { serviceWorker, worker } = settings
  const ended = new AbortController()
  const watch = new PolicyWatch(document, ended.signal)
  const channel = new Channel()
  /** The error of the awaited service worker; other apps of the origin may report errors too. */
  let reported: ErrorData | undefined
  const stopListening = channel.listen((envelope) => {
    if (envelope.kind !== 'event' || envelope.event.name !== 'fault') return
    const { detail } = envelope.event
    if (serviceWorker && detail.url === serviceWorker) reported ??= detail
  })
  try {
    return await start(settings, channel, watch)
  } catch (error) {
    // The error of a refused request does not mention the policy. A service worker may report its own refusal a
    // moment after it failed, so the channel stays open meanwhile.
    const refusal = await policyRefusal(watch, [serviceWorker, worker])
    channel.close()
    throw refusal ?? (reported ? decodeError(reported) : error)
  } finally {
    stopListening()
    ended.abort()
  }
}

async function start(settings: Settings, channel: Channel, watch: PolicyWatch): Promise<Ferry> {
  const { serviceWorker, scope, timeoutMs, parameters } = settings
  let controlled =
    serviceWorker !== undefined && (await startServiceWorker({ ...settings, serviceWorker }))
  const ping = controlled ? new URL(pingPath, scope).href : undefined
  // Before the loader starts: Chromium 156 may lose the request for a worker's script, without an error, when the service
  // worker that answers it is replaced.
  if (controlled) await requireSameBuild(channel, timeoutMs)
  const loader = new LoaderClient(settings.worker, timeoutMs)
  let skipped = false
  try {
    const { auth } = settings
    const { partition } = auth ?? {}
    const script = navigator.serviceWorker?.controller?.scriptURL
    const reached = ping && script && (await askClientId(scope + optionsPingPath(script)))
    const client = reached || (ping && (await askClientId(ping)))
    skipped = !reached && !!client
    const refusal = ping && !client && (await policyRefusal(watch, [ping]))
    if (refusal) throw refusal
    await loader.configure(
      {
        ...loaderConfig(settings),
        ping,
        client,
      },
      auth && {
        token: async (refused) => await auth.token({ refused }),
        partition: partition && (async () => await partition()),
      },
    )
  } catch (error) {
    await loader.close()
    throw error
  }
  const ferry = new Ferry(loader, channel, () => controlled)
  if (ping !== undefined) await tellReplaced(ferry, ping, (now) => (controlled = now))
  if (controlled) void keepShell(channel, parameters).catch(() => undefined)
  if (serviceWorker !== undefined && (!controlled || skipped)) reportFault(ferry, uncontrolled())
  return ferry
}

function uncontrolled(): FerryError {
  return new FerryError(
    'worker',
    'The service worker does not control this page, or not all of its requests, as after a reload with Shift, a change of options or cleared site data. Only ferry.fetch carries every file. Reload the page.',
    { retryable: true },
  )
}

function loaderConfig(settings: Settings): LoaderConfig {
  const { parameters, options, auth, frontend, scope } = settings
  return {
    scope,
    patterns: { hubs: parameters.hubs, files: parameters.files, origin: location.origin },
    options,
    tokenOrigins: auth ? auth.origins : [],
    frontend,
  }
}
