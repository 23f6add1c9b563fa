// Registers the service worker and waits until it controls the page. Called by connect().
import {
  encodeSwParameters,
  trustedScript,
  versionOrder,
  trustedSink,
  type PolicyWatch,
} from '../platform/index.ts'
import { FerryError, withTimeout } from '../core/index.ts'
import {
  claimMessage,
  clientHeader,
  protocolNumber,
  type Channel,
  type RealmVersion,
} from '../protocol/index.ts'
import { scriptOf, type Settings } from './options.ts'

/**
 * Whether a URL has a JavaScript MIME type. Called when a browser refuses a service worker without a reason: for a
 * wrong type and for a wrong scope, Firefox only says "the operation is insecure".
 *
 * @returns true also when it is unknown
 */
async function servesScript(url: string): Promise<boolean> {
  try {
    const { ok, headers, body } = await fetch(url, { cache: 'no-store' })
    await body?.cancel()
    return !ok || /\b(?:java|ecma)script\b/i.test(headers.get('content-type') ?? '')
  } catch {
    return true
  }
}

/** Timeout for the service worker to claim a page after a reload with Shift, milliseconds. */
const claimMs = 2000

/**
 * Registers the service worker and waits until it controls the page.
 *
 * @returns whether it does: after a reload with Shift some browsers leave the page uncontrolled
 * @throws FerryError `scope`, `worker` or `timeout`, saying what to change
 */
export async function startServiceWorker({
  serviceWorker,
  registration: own,
  scope,
  parameters,
  timeoutMs,
}: Settings & { serviceWorker: string }): Promise<boolean> {
  if (!location.href.startsWith(scope))
    throw new FerryError(
      'scope',
      `The page ${location.pathname} is outside the service worker's scope ${new URL(scope).pathname}. Put the worker file at or above the page's folder, or serve it with the header Service-Worker-Allowed and pass { scope }.`,
    )
  if (own) return await followed(own, timeoutMs)
  await requireFreeScope(serviceWorker, scope)
  const url = `${serviceWorker}?${encodeSwParameters(parameters)}`
  const registration = await withTimeout(
    register(url, scope),
    timeoutMs,
    `The service worker file did not come within ${timeoutMs} ms. Try again.`,
  )
  const worker = registration.installing ?? registration.waiting ?? registration.active
  const ours = (): boolean => navigator.serviceWorker.controller?.scriptURL === url
  if (ours()) return true
  await activated(worker, timeoutMs)
  // It waits for bodies that the active worker feeds, which may take hours. The active one serves until then.
  if (worker?.state === 'installed') return await followed(registration, timeoutMs)
  if (ours()) return true
  const controlled = controllerChange(ours, worker?.state === 'activated' ? claimMs : timeoutMs)
  registration.active?.postMessage(claimMessage)
  return await controlled
}

/** Waits for a service worker that starts on its own schedule, like the app's own, and may not claim open pages. */
async function followed(own: ServiceWorkerRegistration, timeoutMs: number): Promise<boolean> {
  await activated(own.active ?? own.waiting ?? own.installing, timeoutMs)
  const ours = (): boolean => {
    const { controller } = navigator.serviceWorker
    return controller !== null && controller.scriptURL === own.active?.scriptURL
  }
  return ours() || (await controllerChange(ours, claimMs))
}

/**
 * Throws when another service worker has the scope. One of another library or of the app is never replaced: its
 * functions would stop silently, or it would register itself again, and the page would reload endlessly.
 *
 * @throws FerryError `scope` that names the other one
 */
async function requireFreeScope(serviceWorker: string, scope: string): Promise<void> {
  const there = await navigator.serviceWorker.getRegistration(scope)
  if (there?.scope !== scope) return
  const other = scriptOf(there)
  if (other && !sameScript(other, serviceWorker)) throw otherServiceWorker(other)
}

/** Whether both are modelferry's own file: the same URL, or the same file name at another path. */
export function sameScript(one: string, other: string): boolean {
  const [a, b] = [new URL(one).pathname, new URL(other).pathname]
  return a === b || [a, b].every((path) => path.endsWith('/modelferry-sw.js'))
}

/** @param script of the service worker that has the scope */
export function otherServiceWorker(script: string): FerryError {
  return new FerryError(
    'scope',
    `Another service worker has this scope: ${new URL(script).pathname}. modelferry does not replace it. Import modelferry in it and pass { serviceWorker: registration }, give modelferry another { scope }, or unregister it.`,
  )
}

async function register(url: string, scope: string): Promise<ServiceWorkerRegistration> {
  try {
    return await navigator.serviceWorker.register(trustedScript(url), {
      scope,
      updateViaCache: 'none',
    })
  } catch (cause) {
    const path = new URL(url).pathname
    const { name, message } = cause as DOMException
    // A wrong MIME type is a SecurityError too, and its message mentions the scope.
    const refused = name === 'SecurityError' && !/MIME|content-type/i.test(message)
    if (refused && (await servesScript(url)))
      throw new FerryError(
        'scope',
        `The browser does not allow ${path} to control ${new URL(scope).pathname}. Put the file at the top of the site, or serve it with the header "Service-Worker-Allowed: ${new URL(scope).pathname}".`,
        { cause },
      )
    throw new FerryError(
      'worker',
      `The service worker ${path} could not be started: it is missing, has no JavaScript MIME type, or failed. ${reinstallHint}`,
      { cause },
    )
  }
}

/** Also ends when it is installed but waits for the active one, which serves this page. */
async function activated(worker: ServiceWorker | null, timeoutMs: number): Promise<void> {
  const started = new Promise<void>((resolve, reject) => {
    const look = (): void => {
      const state = worker?.state ?? 'activated'
      if (state === 'activated') resolve()
      else if (state === 'installed' && navigator.serviceWorker.controller)
        setTimeout(resolve, claimMs)
      else if (state === 'redundant')
        reject(
          new FerryError(
            'worker',
            'The service worker was replaced or failed at its start. Look at its console.',
          ),
        )
    }
    worker?.addEventListener('statechange', look)
    look()
  })
  const late = `The service worker did not start within ${timeoutMs} ms.`
  await withTimeout(started, timeoutMs, late)
}

function controllerChange(ours: () => boolean, ms: number): Promise<boolean> {
  const signal = AbortSignal.timeout(ms)
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(ours()))
    const look = (): void => void (ours() && resolve(true))
    navigator.serviceWorker.addEventListener('controllerchange', look, { signal })
  })
}

/** Timeout of the service worker's answer, including its start, milliseconds. */
const answerMs = 3000

/**
 * The client id of this page, so that the page's own loader answers for it.
 *
 * @param ping a URL that the service worker answers
 * @returns undefined when it does not answer
 */
export async function askClientId(ping: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(answerMs)
    const { headers } = await fetch(ping, { method: 'HEAD', signal })
    return headers.get(clientHeader) || undefined
  } catch {
    return undefined
  }
}

/**
 * Throws when modelferry cannot work in this browser or page.
 *
 * @param needsServiceWorker whether one will be registered
 * @throws FerryError `insecure-context` or `unsupported`
 */
export async function requireBrowser(needsServiceWorker: boolean): Promise<void> {
  const realm: Partial<typeof globalThis> = globalThis
  if (!realm.document || realm.isSecureContext === undefined)
    throw new FerryError('unsupported', 'connect() works in the page of a browser only.')
  const { protocol, host } = location
  if (!isSecureContext || !/^https?:$/.test(protocol))
    throw new FerryError(
      'insecure-context',
      `Serve the page over https or localhost: on ${protocol}//${host} it has no service workers and no storage.`,
    )
  if (needsServiceWorker && !('serviceWorker' in navigator))
    throw new FerryError(
      'unsupported',
      'No service workers here, as in private windows or sandboxed frames. Use connect({ serviceWorker: false }) and ferry.fetch.',
    )
  try {
    await navigator.storage.getDirectory()
  } catch (cause) {
    throw new FerryError(
      'unsupported',
      'No file storage (OPFS) here, as in private windows. Allow site data.',
      { cause },
    )
  }
}

/**
 * Checks whether the page's own policy caused a failure.
 *
 * @param addresses URLs of this origin that the page requested
 * @returns an error that names the directive and the missing source; undefined when it was not the policy
 */
export async function policyRefusal(
  watch: Pick<PolicyWatch, 'refusal'>,
  addresses: readonly (string | undefined)[],
): Promise<FerryError | undefined> {
  const tried = [...addresses.filter((url) => url !== undefined), trustedSink]
  const refusals = await Promise.all(tried.map((url) => watch.refusal(url)))
  const at = refusals.findIndex(Boolean)
  const [url = '', refusal] = [tried[at], refusals[at]]
  if (!refusal) return undefined
  const [refused, advice] =
    url === trustedSink
      ? ['the Trusted Types policy of modelferry', 'trusted-types modelferry']
      : [new URL(url).pathname, `${refusal.directive} 'self'`]
  return new FerryError(
    'policy',
    `The Content-Security-Policy of the page does not allow ${refused}. Add to it: "${advice}".`,
  )
}

/** What to do when a worker file is missing or of another build. */
export const reinstallHint: string =
  'Run "npx modelferry init <folder your site serves>" to copy the worker files of this version, or let the Vite plugin do it.'

/**
 * The error for a worker of another build than its page: it names the older side and the remedy.
 *
 * @param worker its name in the message
 * @param version of the worker; undefined: unknown
 * @param succeeded whether a newer one waits to replace it
 * @param own version of the page; tests use another one
 */
export function otherBuild(
  worker: string,
  version: string | undefined,
  succeeded: boolean = false,
  own: string = __VERSION__,
): FerryError {
  const order = version ? versionOrder(version, own) : 'of another build than'
  const advice = succeeded
    ? 'Its successor waits: close other tabs, or let it take over.'
    : order === 'newer than'
      ? 'Reload the page: its script is an old copy.'
      : reinstallHint
  return new FerryError(
    'worker',
    `The ${worker} (modelferry ${version ?? 'unknown'}) is ${order} this page's script (${own}). ${advice}`,
  )
}

/** Timeout of a service worker's answer about its build, including its start, milliseconds. */
const versionMs = 3000
const turnMs = 100
/** Turns for a waiting successor that takes over as soon as it can; others wait for the app or for running bodies. */
const waitingTurns = 4

/**
 * Checks that the service worker is of this page's build. After a deployment the old one may still be in control while
 * its successor starts or waits. An old one that has the same protocol number is accepted while its successor waits.
 * Otherwise no service worker is being replaced when this ends.
 *
 * @param timeoutMs timeout of the successor, milliseconds
 * @throws FerryError `worker` when the file on the server is of another build
 */
export async function requireSameBuild(channel: Channel, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs
  let seen: RealmVersion | undefined
  let registration: ServiceWorkerRegistration | undefined
  let turns = 0
  do {
    try {
      const script = navigator.serviceWorker.controller?.scriptURL ?? ''
      const { answer } = await channel.ask('version', { script }, { timeoutMs: versionMs })
      seen = answer
    } catch (error) {
      if (!(error instanceof FerryError && error.code === 'timeout')) throw error
    }
    const { installing, waiting, active } = registration ?? {}
    // The successor may answer before it is in control.
    const replaces = installing ?? waiting ?? active?.state === 'activating'
    if (seen?.build === __BUILD__ && !replaces) return
    if (waiting && seen?.protocol === protocolNumber && turns++ > waitingTurns) return
    if (!registration) {
      registration = await navigator.serviceWorker.getRegistration()
      // Not awaited: on a network that drops requests it takes minutes.
      registration?.update().catch(() => undefined)
    }
    await new Promise((resolve) => setTimeout(resolve, turnMs))
  } while (Date.now() < until)
  throw otherBuild('service worker', seen?.version, !!registration?.waiting)
}
