import { coreScenarios } from '../core/coreScenarios.ts'
import type { CoreTraits } from '../core/CoreTraits.ts'
import { test } from './stage/test.ts'

const traits: CoreTraits = { lastsAtOnce: true, answersWhole: true }

for (const { name, hubOptions = {}, play } of coreScenarios)
  test.describe(() => {
    test.use({ hubOptions })
    test(name, ({ stage }) => play(stage, traits))
  })
