import { FerryError } from '../core/FerryError.ts'
import { PolicyWatch } from '../net/PolicyWatch.ts'
import { Channel } from '../protocol/Channel.ts'
import { decodeError } from '../protocol/decodeError.ts'
import type { ErrorData } from '../protocol/ErrorData.ts'
import type { LoaderConfig } from '../protocol/LoaderConfig.ts'
import { pingPath } from '../protocol/pingPath.ts'
import { askClientId } from './askClientId.ts'
import type { ConnectOptions } from './ConnectOptions.ts'
import { Ferry } from './Ferry.ts'
import { keepShell } from './keepShell.ts'
import { LoaderClient } from './LoaderClient.ts'
import { policyRefusal } from './policyRefusal.ts'
import { reportFault } from './reportFault.ts'
import { requireBrowser } from './requireBrowser.ts'
import { requireSameBuild } from './requireSameBuild.ts'
import type { Settings } from './Settings.ts'
import { settle } from './settle.ts'
import { startServiceWorker } from './startServiceWorker.ts'
import { tellReplaced } from './tellReplaced.ts'

/**
 * Connects the page: registers the service worker, waits until it controls the page, and starts the loader
 * worker. From then on the page's own requests for model files are carried, with no change to its code. When
 * it rejects, they go on as if modelferry were not there.
 *
 * @throws FerryError `insecure-context`, `unsupported`, `scope`, `worker`, `policy`, `timeout` or
 *   `configuration`, with a sentence that says what to change
 * @example
 * const ferry = await connect({ hubs: ['https://huggingface.co'] })
 * const session = await InferenceSession.create(modelUrl) // parallel, verified, kept
 */
export async function connect(options: ConnectOptions = {}): Promise<Ferry> {
  const settings = settle(options, location.href)
  const { serviceWorker, worker } = settings
  await requireBrowser(serviceWorker !== undefined)
  const ended = new AbortController()
  const watch = new PolicyWatch(document, ended.signal)
  const channel = new Channel()
  /** Why the service worker that is waited for failed; other apps of the origin have faults of their own. */
  let told: ErrorData | undefined
  const stopListening = channel.listen((envelope) => {
    if (envelope.kind !== 'event' || envelope.event.name !== 'fault') return
    const { detail } = envelope.event
    if (serviceWorker && detail.url === serviceWorker) told ??= detail
  })
  try {
    return await start(settings, channel, watch)
  } catch (error) {
    // The failure of what a policy refused says nothing of the policy. A service worker may tell of its own a
    // moment after it failed, so that the channel stays open meanwhile.
    const refusal = await policyRefusal(watch, [serviceWorker, worker])
    channel.close()
    throw refusal ?? (told ? decodeError(told) : error)
  } finally {
    stopListening()
    ended.abort()
  }
}

async function start(settings: Settings, channel: Channel, watch: PolicyWatch): Promise<Ferry> {
  const { serviceWorker, scope, timeoutMs, parameters } = settings
  const controlled =
    serviceWorker !== undefined && (await startServiceWorker({ ...settings, serviceWorker }))
  const ping = controlled ? new URL(pingPath, scope).href : undefined
  const loader = new LoaderClient(settings.worker, timeoutMs)
  try {
    const { auth } = settings
    const { partition } = auth ?? {}
    if (controlled) await requireSameBuild(channel, timeoutMs)
    const client = ping && (await askClientId(ping))
    const refusal = ping && !client && (await policyRefusal(watch, [ping]))
    if (refusal) throw refusal
    await loader.configure(
      {
        ...loaderConfig(settings),
        ...(ping !== undefined && { ping }),
        ...(client !== undefined && { client }),
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
  const ferry = new Ferry(loader, channel, controlled)
  if (serviceWorker !== undefined && !controlled) reportFault(ferry, uncontrolled())
  if (ping !== undefined) await tellReplaced(ferry, ping)
  if (controlled) void keepShell(channel, parameters).catch(() => undefined)
  return ferry
}

function uncontrolled(): FerryError {
  return new FerryError(
    'worker',
    'The service worker does not control this page, as after a reload with Shift: only ferry.fetch carries files. Reload the page.',
    { retryable: true },
  )
}

function loaderConfig(settings: Settings): LoaderConfig {
  const { parameters, retry, auth, frontend, scope } = settings
  return {
    scope,
    patterns: { hubs: parameters.hubs, files: parameters.files, origin: location.origin },
    retry,
    tokenOrigins: auth?.origins ?? [],
    ...(frontend && { frontend }),
  }
}
