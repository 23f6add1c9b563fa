import { FerryError, redactUrl, trustedScript, versionOrder } from '../src/core/index.ts'
import { withCspErrors, PolicyWatch, trustedSink } from '../src/net/index.ts'
import { Channel, encodeError, engineKey, pingPath } from '../src/protocol/index.ts'
import type { SpareEngine } from '../src/transfer/index.ts'

const again =
  'Run "npx modelferry init", and reload. A service worker of your own is installed anew when it changes.'

/**
 * The engine that the loader worker's script holds. A script that was imported while the service worker was being
 * installed is kept with it, so that this needs no network later; one that was not can be imported no more.
 *
 * @param url of the loader worker's file
 * @throws FerryError `worker` when it cannot be imported, or is of another build
 * Source: Service Workers, sections on importScripts and on the script resource map.
 */
export function importEngine(url: string | undefined): SpareEngine {
  const scope = globalThis as { [engineKey]?: SpareEngine }
  if (url === undefined) throw lacking('its options name no worker file', 'Name it with "worker".')
  const { pathname } = new URL(url)
  try {
    if (!scope[engineKey]) importScripts(trustedScript(url))
  } catch (cause) {
    throw lacking(
      `${pathname} is missing, has no JavaScript MIME type, fails, or is refused by a policy`,
      again,
      cause,
    )
  }
  const engine = scope[engineKey]
  if (!engine) throw lacking(`${pathname} is of another version`, again)
  if (engine.build === __BUILD__) return engine
  const order = versionOrder(engine.version, __VERSION__)
  const versions = `(${engine.version}) is ${order} the service worker (${__VERSION__})`
  throw lacking(`${pathname} ${versions}`, again)
}

function lacking(why: string, cure: string, cause?: unknown): FerryError {
  return new FerryError('worker', `The service worker has no engine: ${why}. ${cure}`, { cause })
}

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
  const ask = withCspErrors((url, init) => host.fetch(url, init), watch, host.location.pathname)
  try {
    // Not in the HTTP cache, so that this fails either way; the question is why.
    await ask(scope + pingPath, { cache: 'only-if-cached', mode: 'same-origin' })
  } catch (error) {
    if (encodeError(error).code === 'policy') throw error
  } finally {
    ended.abort()
  }
}

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

/**
 * Does what a service worker does to be installed. Pages that wait for it hear why it fails; the browser tells them
 * nothing.
 *
 * @param script of this service worker: by it a page knows that it is the one that it waits for
 */
export async function reportInstallError(script: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const channel = new Channel()
    channel.emit({ name: 'fault', detail: { ...encodeError(error), url: redactUrl(script) } })
    channel.close()
    throw error
  }
}

/**
 * Whether this file was imported by somebody's own service worker (`importScripts`), rather than being one. The
 * platform says only where the worker began, not which of its files is running; a stack names that.
 *
 * @param stack of an error made in this file, in the format of any browser
 * @param script where the service worker began
 */
export function isImported(stack: string | undefined, script: string): boolean {
  const [here] = /https?:\/\/\S+?(?=:\d+:\d+\)?$)/m.exec(stack ?? '') ?? []
  return here !== undefined && bare(here) !== bare(script)
}

/** WebKit leaves queries out of its stacks. */
function bare(url: string): string {
  return url.replace(/[?#].*/, '')
}
