import { clientsClaim } from 'workbox-core/clientsClaim.js'
import { setCacheNameDetails } from 'workbox-core/setCacheNameDetails.js'
import { decodeSwParameters } from '../src/core/swParameters.ts'
import { claimMessage } from '../src/protocol/claimMessage.ts'
import { addRoutes } from './addRoutes.ts'
import { install } from './install.ts'

const host = globalThis as unknown as ServiceWorkerGlobalScope
const parameters = decodeSwParameters(host.location.href)

setCacheNameDetails({ prefix: 'modelferry' })
clientsClaim()
host.addEventListener('install', (event) => {
  const { scope } = host.registration
  event.waitUntil(Promise.all([addRoutes(event, parameters, scope), host.skipWaiting()]))
})
host.addEventListener('message', (event) => {
  if (event.data === claimMessage) event.waitUntil(host.clients.claim())
})
install(host, parameters)
