import type { Hasher } from '../codec/Hasher.ts'
import type { Clock } from '../core/Clock.ts'
import type { Guard } from './access/Guard.ts'
import type { Folder } from './disk/Folder.ts'
import type { Objects } from './disk/Objects.ts'
import type { Xorbs } from './disk/Xorbs.ts'
import type { HubCaller } from './HubCaller.ts'
import type { Repos } from './git/Repos.ts'
import type { HubSettings } from './HubSettings.ts'
import type { Secrets } from './signing/Secrets.ts'

/** What every handler may use. */
export interface HubContext {
  readonly settings: HubSettings
  readonly clock: Clock
  readonly hasher: Hasher
  readonly folder: Folder
  readonly xorbs: Xorbs
  readonly objects: Objects
  readonly repos: Repos
  readonly secrets: Secrets
  readonly guard: Guard
  /** Who asks, for requests that came with that knowledge. */
  readonly callers: Pick<WeakMap<Request, HubCaller>, 'get'>
  /** Public origin of the hub, for a request. */
  hubOrigin(request: Request): string
  /** Public origin of presigned storage, for a request. */
  storageOrigin(request: Request): string
}
