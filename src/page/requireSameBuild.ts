import { FerryError } from '../core/FerryError.ts'
import type { Channel } from '../protocol/Channel.ts'
import { protocolNumber } from '../protocol/protocolNumber.ts'
import type { RealmVersion } from '../protocol/RealmVersion.ts'
import { otherBuild } from './otherBuild.ts'

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
