import { claimMessage } from '../src/protocol/index.ts'
import { attach, askedOptions, installParameters, type InstallOptions } from './attach.ts'
import {
  importEngine,
  isImported,
  requireConnection,
  requireEngine,
  reportInstallError,
} from './engine-script.ts'
import { addRoutes } from './route.ts'
import { clientsClaim } from 'workbox-core/clientsClaim.js'
import { setCacheNameDetails } from 'workbox-core/setCacheNameDetails.js'
import type { SpareEngine } from '../src/transfer/index.ts'

const host = globalThis as unknown as ServiceWorkerGlobalScope & { modelferry?: InstallOptions }
const { href } = host.location
/** Options that an app's own worker sets take precedence over those of the page that registered it. */
const parameters = installParameters({ ...askedOptions(href), ...host.modelferry }, href)
const engine = (): SpareEngine => importEngine(parameters.worker)

setCacheNameDetails({ prefix: 'modelferry' })
// In an app's own service worker, the app decides when a version takes over.
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
      // Reported when the engine is needed: the app's own worker must not fail because of it.
    }
  })
attach(host, parameters, engine)
