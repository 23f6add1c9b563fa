import type { Hasher } from '../../codec/chunk.ts'
import type { Store } from '../store.ts'

/** What a scenario works with. */
export interface ScenarioPlace {
  readonly hasher: Hasher
  readonly driver: 'sync' | 'pieces'
  /** A root of its own. */
  readonly root: string
}

/** Something a store has to do; throws where it does not. */
export type Scenario = (place: ScenarioPlace, store: Store) => Promise<void>
