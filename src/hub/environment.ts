// What middleware and handlers find at a request, beside the request itself: hono's `c.env` and `c.var`.

import type { Commit, HubContext, Rights } from './context.ts'
import type { FaultAction, HubCaller, HubOrigin, RepoId, RequestKind } from './hub.ts'
import type { CasToken } from './signing.ts'
import type { Context } from 'hono'

/** What handlers and middleware find at a request. */
export interface HubEnv {
  /** Given with the request. */
  Bindings: {
    readonly hub: HubContext
    /** Where it arrived. */
    readonly origin: HubOrigin
    /** Set when something in front has identified the caller. */
    readonly caller: HubCaller | undefined
  }
  /** Found out on its way; each by the middleware that is named. */
  Variables: {
    /** The app. */
    route: RouteMatch
    /** The app: what goes wrong with this request on purpose. */
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
    commit: Commit
    /** `casToken`. */
    token: CasToken
  }
}

/** A request within a handler. */
export type HubRequest = Context<HubEnv>

/** What a request's method and path stand for. */
export interface RouteMatch {
  readonly kind: RequestKind
  /** As in the path: still encoded. */
  readonly params: Readonly<Record<string, string>>
  /** Methods that the path has; empty: there is nothing at this path. */
  readonly methods: readonly string[]
}
