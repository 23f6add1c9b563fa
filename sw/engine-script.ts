// Imports the engine from the loader worker's script at installation, for requests without a loader.
import { FerryError, redactUrl } from '../src/core/index.ts'
import {
  trustedScript,
  versionOrder,
  withCspErrors,
  PolicyWatch,
  trustedSink,
} from '../src/platform/index.ts'
import { Channel, encodeError, engineKey, pingPath } from '../src/protocol/index.ts'
import type { SpareEngine } from '../src/transfer/index.ts'

const again =
  'Run "npx modelferry init", and reload. Your own service worker updates when it changes.'

/**
 * Imports the engine from the loader worker's script. The browser stores a script that was imported during the
 * install event with the service worker, so no network is needed later. Other scripts cannot be imported later.
 *
 * @param url of the loader worker's file
 * @throws FerryError `worker` when it cannot be imported, or is of another build
 * Source: Service Workers, sections on importScripts and on the script resource map.
 */
export function importEngine(url: string | undefined): SpareEngine {
  const scope = globalThis as { [engineKey]?: SpareEngine }
  if (url === undefined) throw lacking('"worker" is not set', 'Set it.')
  const { pathname } = new URL(url)
  try {
    if (!scope[engineKey]) importScripts(trustedScript(url))
  } catch (cause) {
    throw lacking(`${pathname} is missing or fails`, again, cause)
  }
  const engine = scope[engineKey]
  if (!engine) throw lacking(`${pathname} is of another version`, again)
  if (engine.build === __BUILD__) return engine
  const order = versionOrder(engine.version, __VERSION__)
  const versions = `(${engine.version}) is ${order} the service worker (${__VERSION__})`
  throw lacking(`${pathname} ${versions}`, again)
}

function lacking(why: string, advice: string, cause?: unknown): FerryError {
  return new FerryError('worker', `The service worker has no engine: ${why}. ${advice}`, { cause })
}

/**
 * Fails the installation of a service worker whose own Content-Security-Policy blocks even its own origin: every file
 * that it answers would fail. Nothing is sent.
 *
 * @param scope absolute
 * @throws FerryError `policy`
 */
export async function requireConnection(
  host: ServiceWorkerGlobalScope,
  scope: string,
): Promise<void> {
  const watch = new PolicyWatch(host)
  const ask = withCspErrors((url, init) => host.fetch(url, init), watch, host.location.pathname)
  try {
    // The URL is not in the HTTP cache, so this always fails; the reason decides.
    await ask(scope + pingPath, { cache: 'only-if-cached', mode: 'same-origin' })
  } catch (error) {
    if (encodeError(error).code === 'policy') throw error
  }
}

/**
 * Imports the engine during the install event, the only time when it can be imported. If a policy blocks the import,
 * the service worker runs without an engine; loaders still carry files.
 *
 * @param load imports it
 * @param url of the script that holds it
 * @throws FerryError `worker` when the script is missing, broken or of another build: the next visit tries again
 */
export async function requireEngine(
  host: ServiceWorkerGlobalScope,
  load: () => unknown,
  url: string | undefined,
): Promise<void> {
  const watch = new PolicyWatch(host)
  try {
    load()
  } catch (error) {
    const refusals = await Promise.all([url ?? '', trustedSink].map((at) => watch.refusal(at)))
    if (!refusals.some(Boolean)) throw error
  }
}

/**
 * Runs the work of the install event, and reports its error to the pages: the browser tells them nothing.
 *
 * @param script script URL of this service worker, by which a page recognises the worker that it waits for
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
 * Whether an app's own service worker imported this file (`importScripts`). The platform only gives the address of the
 * worker's first script; the stack of an error names the file that runs.
 *
 * @param stack of an error made in this file, in the format of any browser
 * @param script address of the service worker
 */
export function isImported(stack: string | undefined, script: string): boolean {
  const [here] = /https?:\/\/\S+?(?=:\d+:\d+\)?$)/m.exec(stack ?? '') ?? []
  return here !== undefined && bare(here) !== bare(script)
}

/** WebKit leaves queries out of its stacks. */
function bare(url: string): string {
  return url.replace(/[?#].*/, '')
}
