import { encodeSwParameters, FerryError, trustedScript, withTimeout } from '../core/index.ts'
import { type PolicyWatch, trustedSink } from '../net/index.ts'
import { claimMessage, clientHeader } from '../protocol/index.ts'
import { reinstallHint } from './version-check.ts'
import { scriptOf, type Settings } from './options.ts'

/**
 * Whether an address gives something with a JavaScript MIME type. Asked when a browser refuses a service worker
 * without saying why: Firefox says of a wrong type and of a wrong scope that "the operation is insecure".
 *
 * @returns true also when it cannot be told
 */
export async function servesScript(url: string): Promise<boolean> {
  try {
    const { ok, headers, body } = await fetch(url, { cache: 'no-store' })
    await body?.cancel()
    return !ok || /\b(?:java|ecma)script\b/i.test(headers.get('content-type') ?? '')
  } catch {
    return true
  }
}

/** How long a page that was reloaded past its worker waits to be taken back, milliseconds. */
const claimMs = 2000

/**
 * Registers the service worker and waits until it controls the page.
 *
 * @returns whether it does: after a shift-reload some browsers leave the page alone
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
    `The service worker file did not come within ${timeoutMs} ms. Check the network and try again.`,
  )
  const worker = registration.installing ?? registration.waiting ?? registration.active
  const ours = (): boolean => navigator.serviceWorker.controller?.scriptURL === url
  if (ours()) return true
  await activated(worker, timeoutMs)
  // It waits for bodies that another one feeds, which may take hours: that one serves until they are over.
  if (worker?.state === 'installed') return await followed(registration, timeoutMs)
  if (ours()) return true
  const controlled = controllerChange(ours, worker?.state === 'activated' ? claimMs : timeoutMs)
  registration.active?.postMessage(claimMessage)
  return await controlled
}

/** One that starts when it likes, as an app's own, and may leave a page that it found open alone. */
async function followed(own: ServiceWorkerRegistration, timeoutMs: number): Promise<boolean> {
  await activated(own.active ?? own.waiting ?? own.installing, timeoutMs)
  const ours = (): boolean => {
    const { controller } = navigator.serviceWorker
    return controller !== null && controller.scriptURL === own.active?.scriptURL
  }
  return ours() || (await controllerChange(ours, claimMs))
}

/**
 * One service worker serves a scope. One of another library or of the app is never replaced: it would stop working
 * in silence, or register itself again, and the page would be reloaded for ever.
 *
 * @throws FerryError `scope` that names the other one
 */
async function requireFreeScope(serviceWorker: string, scope: string): Promise<void> {
  const there = await navigator.serviceWorker.getRegistration(scope)
  if (there?.scope !== scope) return
  const other = scriptOf(there)
  if (other && !sameScript(other, serviceWorker)) throw otherServiceWorker(other)
}

/** Whether both are modelferry's own file: at the same place, or by the same name at another place. */
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
    // A wrong MIME type is a SecurityError as well, whose message names the scope in passing.
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

/** Also over when it is installed and has to wait for another one, which serves this page. */
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
            'The service worker was replaced or failed while it was installed. Look at its console.',
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

/** How long the service worker may take: it may have to be started first, milliseconds. */
const answerMs = 3000

/**
 * By which id the service worker knows this page, so that the page's loader answers for it and no other one's.
 *
 * @param ping an address that the service worker answers
 * @returns undefined when it does not say
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
 * Refuses to start where modelferry cannot work, and says why.
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
      'This browser has no service workers here, as in private windows or sandboxed frames. Use connect({ serviceWorker: false }) and ferry.fetch.',
    )
  try {
    await navigator.storage.getDirectory()
  } catch (cause) {
    throw new FerryError(
      'unsupported',
      'This browser has no file storage (OPFS) here, as in private windows or with blocked site data. Allow site data.',
      { cause },
    )
  }
}

/**
 * Whether it was the page's own policy that something failed for.
 *
 * @param addresses of this origin that the page tried
 * @returns an error that names the directive and what to add to it; undefined when it was not the policy
 */
export async function policyRefusal(
  watch: Pick<PolicyWatch, 'refusal'>,
  addresses: readonly (string | undefined)[],
): Promise<FerryError | undefined> {
  const tried = [...addresses.filter((url) => url !== undefined), trustedSink]
  const directives = await Promise.all(tried.map((url) => watch.refusal(url)))
  const at = directives.findIndex((directive) => directive !== undefined)
  const [url = '', directive] = [tried[at], directives[at]]
  if (directive === undefined) return undefined
  const [refused, cure] =
    url === trustedSink
      ? ['the Trusted Types policy of modelferry', 'trusted-types modelferry']
      : [new URL(url).pathname, `${directive} 'self'`]
  return new FerryError(
    'policy',
    `The Content-Security-Policy of the page does not allow ${refused}. Add to it: "${cure}".`,
  )
}
