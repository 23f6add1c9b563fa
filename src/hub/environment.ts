// The context of middleware and handlers besides the request itself: hono's `c.env` and `c.var`.

import type { HubContext, Revision, Rights } from './context.ts'
import type { FaultAction } from './faults.ts'
import type { HubCaller, RepoId } from './hub.ts'
import type { HubOrigin, RequestKind } from './log.ts'
import type { CasToken } from './signing.ts'
import type { Context } from 'hono'

/** The context of a request. */
export interface HubEnv {
  /** Set before the app runs. */
  Bindings: {
    readonly hub: HubContext
    /** The origin at which it arrived. */
    readonly origin: HubOrigin
    /** Set when something in front has identified the caller. */
    readonly caller: HubCaller | undefined
  }
  /** Set by the named middleware. */
  Variables: {
    /** The app. */
    route: RouteMatch
    /** The app: the injected fault of this request. */
    fault: FaultAction | undefined
    /** `repository`. */
    repo: RepoId
    /** `repository`; default: `main`. */
    revision: string
    /** `repository`: of a file; default: empty. */
    path: string
    /** `repository`; undefined: anonymous. */
    rights: Rights | undefined
    /** `visible`. */
    commit: Revision
    /** `casToken`. */
    token: CasToken
  }
}

/** A request within a handler. */
export type HubRequest = Context<HubEnv>

/** The route of a request's method and path. */
export interface RouteMatch {
  readonly kind: RequestKind
  /** As in the path: still encoded. */
  readonly params: Readonly<Record<string, string>>
  /** Methods that the path has; empty: there is nothing at this path. */
  readonly methods: readonly string[]
}
