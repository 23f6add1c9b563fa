import { catalogScenarios } from './catalogScenarios.ts'
import { fileScenarios } from './fileScenarios.ts'
import { lossScenarios } from './lossScenarios.ts'
import { roomScenarios } from './roomScenarios.ts'
import type { Scenario } from './Scenario.ts'

/** What every store has to do, whichever way it writes. */
export const storeScenarios: Readonly<Record<string, Scenario>> = {
  ...fileScenarios,
  ...catalogScenarios,
  ...roomScenarios,
  ...lossScenarios,
}
