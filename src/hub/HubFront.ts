import type { HubCaller } from './HubCaller.ts'
import type { Hub } from './Hub.ts'

/**
 * Puts something between the network and a hub, such as a gateway.
 *
 * @param serve answers a request as the hub does; never rejects
 * @param hub the hub behind it
 * @returns answers what arrives; `peer` is the address of the socket's other end, null when it is gone
 */
export type HubFront = (
  serve: (request: Request, caller?: HubCaller) => Promise<Response>,
  hub: Hub,
) => (request: Request, from: { readonly peer: string | null }) => Promise<Response>
