import type { HubOptions } from 'modelferry/hub'
import type { Stage } from '../stage/Stage.ts'
import type { StagePage } from '../stage/StagePage.ts'
import type { CoreTraits } from './CoreTraits.ts'

/** Something that has to work in every browser, by what every driver of one can do. */
export interface CoreScenario {
  readonly name: string
  /** How its hub is made. */
  readonly hubOptions?: Partial<HubOptions>
  /** @param stage not connected yet */
  readonly play: (stage: Stage<StagePage>, traits: CoreTraits) => Promise<void>
}
