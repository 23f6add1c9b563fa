import { FerryError } from '../core/FerryError.ts'
import type { Channel } from '../protocol/Channel.ts'
import { remedy } from './remedy.ts'

/** How long a service worker may take to say which build it is: it may have to be started first, ms. */
const answerMs = 3000
const turnMs = 100

/**
 * Makes sure that the service worker belongs to this page's build. After a deployment the old one may still
 * be in control for a moment while its successor starts.
 *
 * @param timeoutMs how long the successor may take, milliseconds
 * @throws FerryError `worker` when the file on the server is of another build
 */
export async function requireSameBuild(channel: Channel, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs
  let seen = 'an unknown version'
  let updating = false
  do {
    try {
      const script = navigator.serviceWorker.controller?.scriptURL ?? ''
      const { answer } = await channel.ask('version', { script }, { timeoutMs: answerMs })
      if (answer.build === __BUILD__) return
      seen = answer.version
    } catch (error) {
      if (!(error instanceof FerryError && error.code === 'timeout')) throw error
    }
    if (!updating) {
      updating = true
      // Not waited for: on a network that swallows requests it takes minutes.
      void navigator.serviceWorker.ready
        .then((registration) => registration.update())
        .catch(() => undefined)
    }
    await new Promise((resolve) => setTimeout(resolve, turnMs))
  } while (Date.now() < until)
  throw new FerryError(
    'worker',
    `The service worker file is of ${seen}, build and page (${__VERSION__}) do not belong together. ${remedy}`,
  )
}
