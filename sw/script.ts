import { clientsClaim } from 'workbox-core/clientsClaim.js'
import { setCacheNameDetails } from 'workbox-core/setCacheNameDetails.js'
import { decodeSwParameters } from '../src/core/swParameters.ts'
import { claimMessage } from '../src/protocol/claimMessage.ts'
import { install } from './install.ts'

const host = globalThis as unknown as ServiceWorkerGlobalScope

setCacheNameDetails({ prefix: 'modelferry' })
clientsClaim()
host.addEventListener('install', (event) => event.waitUntil(host.skipWaiting()))
host.addEventListener('message', (event) => {
  if (event.data === claimMessage) event.waitUntil(host.clients.claim())
})
install(host, decodeSwParameters(host.location.href))
