import { FerryError } from '../src/core/FerryError.ts'
import { trustedScript } from '../src/core/trustedScript.ts'
import { versionOrder } from '../src/core/versionOrder.ts'
import { engineKey } from '../src/protocol/engineKey.ts'
import type { SpareEngine } from '../src/transfer/SpareEngine.ts'

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
