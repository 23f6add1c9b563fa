import { clientsClaim } from 'workbox-core/clientsClaim.js'
import { setCacheNameDetails } from 'workbox-core/setCacheNameDetails.js'
import { claimMessage } from '../src/protocol/claimMessage.ts'
import type { SpareEngine } from '../src/transfer/SpareEngine.ts'
import { addRoutes } from './addRoutes.ts'
import { askedOptions } from './askedOptions.ts'
import { attach } from './attach.ts'
import { importEngine } from './importEngine.ts'
import type { InstallOptions } from './InstallOptions.ts'
import { installParameters } from './installParameters.ts'
import { isGuest } from './isGuest.ts'
import { requireConnection } from './requireConnection.ts'
import { requireEngine } from './requireEngine.ts'
import { telling } from './telling.ts'

const host = globalThis as unknown as ServiceWorkerGlobalScope & { modelferry?: InstallOptions }
const { href } = host.location
/** An app's own worker knows better than a page that registered it. */
const parameters = installParameters({ ...askedOptions(href), ...host.modelferry }, href)
const engine = (): SpareEngine => importEngine(parameters.worker)

setCacheNameDetails({ prefix: 'modelferry' })
// In a service worker of the app's own, when a version takes over is the app's affair.
if (!isGuest(new Error('Where am I?').stack, href)) {
  clientsClaim()
  host.addEventListener('install', (event) => {
    const { scope } = host.registration
    const ready = telling(href, async () => {
      await requireEngine(host, engine, parameters.worker)
      await Promise.all([requireConnection(host, scope), addRoutes(event, parameters, scope)])
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
