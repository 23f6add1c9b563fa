import { coreScenarios } from '../core/coreScenarios.ts'
import { renewal } from '../core/renewal.ts'
import { onlyLong } from '../stage/onlyLong.ts'
import type { CoreTraits } from '../core/CoreTraits.ts'
import { test } from './stage/test.ts'

const traits: CoreTraits = { lastsAtOnce: true, answersWhole: true }

for (const { name, hubOptions = {}, run } of coreScenarios)
  test.describe(() => {
    test.use({ hubOptions })
    // When URLs are renewed is no matter of the browser: e2e/expiry.spec.ts runs it in Chromium.
    test(name, onlyLong(run === renewal.run), ({ stage }) => run(stage, traits))
  })
