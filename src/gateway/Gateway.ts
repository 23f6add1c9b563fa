import type { GatewayOptions } from './GatewayOptions.ts'
import type { Rollout } from './Rollout.ts'

/** Stands before services: decides who asks, makes them wait, and hands on who is let in. */
export interface Gateway {
  /**
   * Answers a request; never rejects, whatever the bytes of its headers, address and body are.
   *
   * @param request any
   * @param from `peer`: address of the socket, null when there is none
   * @example server.on('request', (request, socket) => gateway.fetch(request, { peer: socket.remoteAddress ?? null }))
   */
  fetch(request: Request, from: { readonly peer: string | null }): Promise<Response>
  /**
   * Changes how far the rules count, for all requests from now on.
   *
   * @throws FerryError `configuration` when `percent` is not within 0 and 100
   */
  setRollout(rollout: Rollout): void
  /**
   * Changes everything at once, for all requests from now on; those under way keep what they began with.
   *
   * @throws FerryError `configuration`; nothing is changed then
   */
  use(options: GatewayOptions): void
}
