import { createHasher } from '../codec/createHasher.ts'
import { defaultRetry } from '../net/defaultRetry.ts'
import { openStore } from '../store/openStore.ts'
import { createEngine } from './createEngine.ts'
import { openBackoff } from './openBackoff.ts'
import type { SpareEngine } from './SpareEngine.ts'

/** The engine of a service worker: no configuration reaches it, so it has no token but the requests' own. */
export const builtInEngine: SpareEngine = {
  build: __BUILD__,
  version: __VERSION__,
  async open(channel, fetch) {
    const store = await openStore({ hasher: await createHasher() })
    const [retry, backoff] = [defaultRetry, openBackoff(channel, defaultRetry)]
    return { store, source: await createEngine({ channel, store, retry, backoff, fetch }) }
  },
}
