import { catalogScenarios } from './catalogScenarios.ts'
import { fileScenarios } from './fileScenarios.ts'
import { lossScenarios } from './lossScenarios.ts'
import { quotaScenarios } from './quotaScenarios.ts'
import type { Scenario } from './Scenario.ts'

/** The requirements on every store, for both drivers. */
export const storeScenarios: Readonly<Record<string, Scenario>> = {
  ...fileScenarios,
  ...catalogScenarios,
  ...quotaScenarios,
  ...lossScenarios,
}
