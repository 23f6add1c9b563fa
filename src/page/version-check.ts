import { FerryError, versionOrder } from '../core/index.ts'
import { type Channel, protocolNumber, type RealmVersion } from '../protocol/index.ts'

/** What to do about a worker file that is not what it should be. */
export const reinstallHint: string =
  'Run "npx modelferry init <folder your site serves>" to copy the worker files of this version, or let the Vite plugin do it.'

/**
 * What to say of a worker that is of another build than its page: which of the two is the older one, a copy that was
 * forgotten or a page from a cache, and what to do.
 *
 * @param worker as the message names it
 * @param version of the worker; undefined: it did not say
 * @param succeeded whether another one waits to take its place
 * @param own another version of the page only for tests
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

/** How long a service worker may take to say which build it is: it may have to be started first, ms. */
const answerMs = 3000
const turnMs = 100

/**
 * Makes sure that the service worker belongs to this page's build. After a deployment the old one may still be in
 * control while its successor starts, and stay so while that one waits: for what the old one has to do for other
 * pages, or for its app to let it in. An old one that speaks our protocol does meanwhile.
 *
 * @param timeoutMs how long the successor may take, milliseconds
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
      // Not waited for: on a network that swallows requests it takes minutes.
      registration?.update().catch(() => undefined)
    }
    await new Promise((resolve) => setTimeout(resolve, turnMs))
  } while (Date.now() < until)
  throw otherBuild('service worker', seen?.version, !!registration?.waiting)
}
