import { clientsClaim } from 'workbox-core/clientsClaim.js'
import { setCacheNameDetails } from 'workbox-core/setCacheNameDetails.js'
import { decodeSwParameters } from '../src/core/swParameters.ts'
import { claimMessage } from '../src/protocol/claimMessage.ts'
import { addRoutes } from './addRoutes.ts'
import { install } from './install.ts'
import type { InstallOptions } from './InstallOptions.ts'
import { isGuest } from './isGuest.ts'
import { requireConnection } from './requireConnection.ts'

const host = globalThis as unknown as ServiceWorkerGlobalScope & { modelferry?: InstallOptions }
const parameters = decodeSwParameters(host.location.href)
/** What connect() asked for; a worker that it did not register was asked for nothing. */
const asked = parameters.shell.length > 0 ? { ...parameters, worker: false as const } : {}

setCacheNameDetails({ prefix: 'modelferry' })
// In a service worker of the app's own, when a version takes over is the app's affair.
if (!isGuest(new Error('Where am I?').stack, host.location.href)) {
  clientsClaim()
  host.addEventListener('install', (event) => {
    const { scope } = host.registration
    event.waitUntil(
      Promise.all([
        requireConnection(host, scope),
        addRoutes(event, parameters, scope),
        host.skipWaiting(),
      ]),
    )
  })
  host.addEventListener('message', (event) => {
    if (event.data === claimMessage) event.waitUntil(host.clients.claim())
  })
}
install(host, { ...asked, ...host.modelferry })
