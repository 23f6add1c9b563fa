import { claimMessage } from '../src/protocol/index.ts'
import { attach } from './attach.ts'
import {
  importEngine,
  isImported,
  requireConnection,
  requireEngine,
  reportInstallError,
} from './engine-script.ts'
import { askedOptions, installParameters, type InstallOptions } from './options.ts'
import { addRoutes } from './static-routes.ts'
import { clientsClaim } from 'workbox-core/clientsClaim.js'
import { setCacheNameDetails } from 'workbox-core/setCacheNameDetails.js'
import type { SpareEngine } from '../src/transfer/index.ts'

const host = globalThis as unknown as ServiceWorkerGlobalScope & { modelferry?: InstallOptions }
const { href } = host.location
/** An app's own worker knows better than a page that registered it. */
const parameters = installParameters({ ...askedOptions(href), ...host.modelferry }, href)
const engine = (): SpareEngine => importEngine(parameters.worker)

setCacheNameDetails({ prefix: 'modelferry' })
// In a service worker of the app's own, when a version takes over is the app's affair.
if (!isImported(new Error('Where am I?').stack, href)) {
  clientsClaim()
  host.addEventListener('install', (event) => {
    const { scope } = host.registration
    const ready = reportInstallError(href, async () => {
      await requireEngine(host, engine, parameters.worker)
      await Promise.all([requireConnection(host, scope), addRoutes(event, parameters, scope, href)])
    })
    event.waitUntil(ready.then(() => host.skipWaiting()))
  })
  host.addEventListener('message', (event) => {
    if (event.data === claimMessage) event.waitUntil(host.clients.claim())
  })
} else
  host.addEventListener('install', () => {
    try {
      engine()
    } catch {
      // Told when it is needed: the app's own worker shall not fail for it.
    }
  })
attach(host, parameters, engine)
