import { PolicyWatch } from '../src/net/PolicyWatch.ts'
import { trustedSink } from '../src/net/trustedSink.ts'

/**
 * Has the engine imported while a service worker is being installed, the only time at which it can be. One that a
 * policy refuses is done without: loaders carry files all the same.
 *
 * @param load imports it
 * @param url of the script that it is in
 * @throws FerryError `worker` when the script is missing, broken or of another build: the next try may find it
 */
export async function requireEngine(
  host: ServiceWorkerGlobalScope,
  load: () => unknown,
  url: string | undefined,
): Promise<void> {
  const ended = new AbortController()
  const watch = new PolicyWatch(host, ended.signal)
  try {
    load()
  } catch (error) {
    const refusals = await Promise.all([url ?? '', trustedSink].map((at) => watch.refusal(at)))
    if (refusals.every((directive) => directive === undefined)) throw error
  } finally {
    ended.abort()
  }
}
