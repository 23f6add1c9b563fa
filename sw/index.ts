// The service worker: decides which requests modelferry answers, and opens a source of files for them.
// The browser may terminate it at any time, so its memory holds no state that must last.
// Start with script.ts (the built file), then attach.ts (its listeners), route.ts (which requests)
// and files.ts (the answer for a model file).

import { builtInEngine } from '../src/transfer/index.ts'
import { attach, installParameters, type InstallOptions } from './attach.ts'

/**
 * Adds modelferry to a service worker of the app. Requests that it does not answer go to other listeners and to the
 * browser; installing and activating stay with the host. Call it before you register routes: the first fetch listener
 * that answers wins.
 *
 * @param host the service worker's global scope
 * @param options which requests modelferry answers
 * @throws FerryError `configuration` for a loader worker of another origin
 * @example
 * import { install } from 'modelferry/sw'
 * install(self, { hubs: ['https://huggingface.co'] })
 */
export function install(host: ServiceWorkerGlobalScope, options: InstallOptions = {}): void {
  attach(host, installParameters(options, host.location.href), () => builtInEngine)
}
