import { encodeSwParameters } from '../core/swParameters.ts'
import { FerryError } from '../core/FerryError.ts'
import { withTimeout } from '../core/withTimeout.ts'
import { claimMessage } from '../protocol/claimMessage.ts'
import { remedy } from './remedy.ts'
import { servesScript } from './servesScript.ts'
import { trustedScript } from '../core/trustedScript.ts'
import type { Settings } from './Settings.ts'

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
      `The service worker ${path} could not be started: it is missing, has no JavaScript MIME type, or failed. ${remedy}`,
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
