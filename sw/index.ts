import { builtInEngine } from '../src/transfer/index.ts'
import { attach } from './attach.ts'
import { installParameters, type InstallOptions } from './options.ts'

/**
 * Gives a service worker modelferry's answers. Takes over nothing else: what it does not answer is left to
 * other listeners and to the browser, and installing and activating stay the host's. Call it before a router is
 * told its routes: whoever listens first answers first.
 *
 * @param host the service worker's global scope
 * @param options which requests are ours
 * @example
 * import { install } from 'modelferry/sw'
 * install(self, { hubs: ['https://huggingface.co'] })
 */
export function install(host: ServiceWorkerGlobalScope, options: InstallOptions = {}): void {
  attach(host, installParameters(options, host.location.href), () => builtInEngine)
}
