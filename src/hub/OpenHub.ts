import type { HubCaller } from './HubCaller.ts'
import type { Hub } from './Hub.ts'
import type { HubOrigin } from './HubOrigin.ts'

/** A hub whose two origins can be served apart. */
export interface OpenHub {
  readonly hub: Hub
  /** Answers a request that arrived at one of the two origins; never rejects. */
  readonly serve: (request: Request, origin: HubOrigin, caller?: HubCaller) => Promise<Response>
}
