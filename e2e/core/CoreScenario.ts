import type { HubOptions } from 'modelferry/hub'
import type { Stage } from '../stage/Stage.ts'
import type { StagePage } from '../stage/StagePage.ts'
import type { CoreTraits } from './CoreTraits.ts'

/** A scenario that must work in every browser; it uses only what every driver supports. */
export interface CoreScenario {
  readonly name: string
  /** Options of its hub. */
  readonly hubOptions?: Partial<HubOptions>
  /** @param stage not connected yet */
  readonly run: (stage: Stage<StagePage>, traits: CoreTraits) => Promise<void>
}
