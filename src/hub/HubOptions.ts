import type { Clock } from '../core/Clock.ts'
import type { AccessToken } from './access/AccessToken.ts'
import type { HubSettings } from './HubSettings.ts'

/** What a hub is made with. Only `folder` must be given; see {@link HubSettings} for what can be changed later. */
export interface HubOptions extends Partial<HubSettings> {
  /** Where everything is kept; made when it is missing. One process at a time may use it. */
  readonly folder: string
  /** Who may do what. Default: whoever sends a token that begins with `hf_` may read and write everything. */
  readonly accessTokens?: readonly AccessToken[]
  /** Repositories whose files are only for tokens that may read them; names as in {@link AccessToken}. */
  readonly gated?: Iterable<string>
  /** Repositories that do not exist for whoever may not read them. */
  readonly private?: Iterable<string>
  /** Whether the controls answer over HTTP under `/-/`, to anybody: for demos and tests only. Default: false. */
  readonly controls?: boolean
  /** Origin under which pages reach the hub; default: the origin of each request. */
  readonly url?: string
  /** Origin that presigned URLs point to; default: the hub's own. */
  readonly storageUrl?: string
  /** Time, for tests. Default: the system's clock. */
  readonly clock?: Clock
}
