import type { Hasher } from '../../codec/chunk-record.ts'
import type { Store } from '../store.ts'

/** The dependencies of a scenario. */
export interface ScenarioPlace {
  readonly hasher: Hasher
  readonly driver: 'sync' | 'pieces'
  /** A separate root. */
  readonly root: string
}

/** A requirement on a store; throws when it is not met. */
export type Scenario = (place: ScenarioPlace, store: Store) => Promise<void>
