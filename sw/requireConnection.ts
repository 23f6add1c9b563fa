import { encodeError } from '../src/protocol/encodeError.ts'
import { explained } from '../src/net/explained.ts'
import { PolicyWatch } from '../src/net/PolicyWatch.ts'
import { pingPath } from '../src/protocol/pingPath.ts'

/**
 * Keeps a service worker from being installed whose own policy lets it connect to nothing, not even to its own
 * origin: the page's files that it answers would fail. Nothing is sent.
 *
 * @param scope absolute
 * @throws FerryError `policy`
 */
export async function requireConnection(
  host: ServiceWorkerGlobalScope,
  scope: string,
): Promise<void> {
  const ended = new AbortController()
  const watch = new PolicyWatch(host, ended.signal)
  const ask = explained((url, init) => host.fetch(url, init), watch, host.location.pathname)
  try {
    // Not in the HTTP cache, so that this fails either way; the question is why.
    await ask(scope + pingPath, { cache: 'only-if-cached', mode: 'same-origin' })
  } catch (error) {
    if (encodeError(error).code === 'policy') throw error
  } finally {
    ended.abort()
  }
}
