import { coreScenarios } from '../core/coreScenarios.ts'
import type { CoreTraits } from '../core/CoreTraits.ts'
import { test } from './stage/test.ts'

const traits: CoreTraits = { lastsAtOnce: true, answersWhole: true }

for (const { name, hubOptions = {}, run } of coreScenarios)
  test.describe(() => {
    test.use({ hubOptions })
    test(name, ({ stage }) => run(stage, traits))
  })
