import { FerryError, versionOrder } from '../core/index.ts'
import { type Channel, protocolNumber, type RealmVersion } from '../protocol/index.ts'

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
  const cure = succeeded
    ? 'Its successor waits: close other tabs, or let it take over.'
    : order === 'newer than'
      ? 'Reload the page: its script is an old copy.'
      : reinstallHint
  return new FerryError(
    'worker',
    `The ${worker} (modelferry ${version ?? 'unknown'}) is ${order} this page's script (${own}). ${cure}`,
  )
}

/** Timeout of a service worker's answer about its build, including its start, milliseconds. */
const answerMs = 3000
const turnMs = 100

/**
 * Checks that the service worker is of this page's build. After a deployment the old one may still be in control while
 * its successor starts or waits. Until then an old one that has the same protocol number is accepted.
 *
 * @param timeoutMs timeout of the successor, milliseconds
 * @throws FerryError `worker` when the file on the server is of another build
 */
export async function requireSameBuild(channel: Channel, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs
  let seen: RealmVersion | undefined
  let registration: ServiceWorkerRegistration | undefined
  do {
    try {
      const script = navigator.serviceWorker.controller?.scriptURL ?? ''
      const { answer } = await channel.ask('version', { script }, { timeoutMs: answerMs })
      seen = answer
    } catch (error) {
      if (!(error instanceof FerryError && error.code === 'timeout')) throw error
    }
    if (seen?.build === __BUILD__) return
    if (registration?.waiting && seen?.protocol === protocolNumber) return
    if (!registration) {
      registration = await navigator.serviceWorker.getRegistration()
      // Not awaited: on a network that drops requests it takes minutes.
      registration?.update().catch(() => undefined)
    }
    await new Promise((resolve) => setTimeout(resolve, turnMs))
  } while (Date.now() < until)
  throw otherBuild('service worker', seen?.version, !!registration?.waiting)
}
