// Recognises, reads and replaces the built scripts that are deployed on a site.
// Node only; used by the CLI and the Vite plugin.

import { FerryError } from '../core/index.ts'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** Built files that are deployed on a site unchanged, by name. */
export type ShippedScript = 'modelferry-sw.js' | 'modelferry-worker.js' | 'modelferry.js'

/** The first characters of every file that the build makes for sites, in every version. */
const banner = '/*! modelferry '

/** Whether a file on a site came from any version of this package, by its text. */
export function isOurScript(text: string): boolean {
  return text.startsWith(banner)
}

/**
 * A built file for a site: without the reference to its source map, which stays in the package.
 *
 * @throws FerryError `configuration` when the package is not complete
 * @example await writeFile('public/modelferry-sw.js', await readScript('modelferry-sw.js'))
 */
export async function readScript(name: ShippedScript): Promise<string> {
  try {
    // Resolved by the package's own name, so that it works from a chunk, from a copy and from the sources.
    const file = createRequire(import.meta.url).resolve(`modelferry/${name}`)
    return (await readFile(file, 'utf8')).replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')
  } catch (cause) {
    throw new FerryError(
      'configuration',
      `The package modelferry is not complete, it lacks dist/${name}. Install it again, or build it.`,
      { cause },
    )
  }
}

/** Prefix of the names of databases, caches and folders on the device. */
const prefix = 'modelferry'

const clearing = `
const cleared = async () => {
  const databases = (await indexedDB.databases?.()) ?? []
  for (const { name } of databases) if (name?.startsWith('${prefix}')) indexedDB.deleteDatabase(name)
  for (const name of await caches.keys()) if (name.startsWith('${prefix}-')) await caches.delete(name)
  await (await navigator.storage.getDirectory()).removeEntry('${prefix}', { recursive: true })
}`

/**
 * A service worker file that replaces modelferry's and unregisters it on every device that still has it: it takes
 * over, answers nothing, and unregisters itself. Open pages continue without a reload.
 *
 * @param clear whether model files, catalog and caches are deleted from the device too
 */
export function selfDestroyingWorker(clear: boolean): string {
  return `/*! ${prefix} was here: this file unregisters it on devices that still have it. Keep it for as long as visitors
    may come back who were here before. */
addEventListener('install', () => skipWaiting())${clear ? clearing : ''}
addEventListener('activate', (event) => {
  event.waitUntil(
    clients.claim()${clear ? '.then(cleared).catch(() => undefined)' : ''}.then(() => registration.unregister()),
  )
})
`
}
