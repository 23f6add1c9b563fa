import { expect } from '@playwright/test'
import { coldWarmOffline } from '../core/coldWarmOffline.ts'
import { coreScenarios } from '../core/coreScenarios.ts'
import type { CoreTraits } from '../core/CoreTraits.ts'
import { test } from './stage/test.ts'

const traits: CoreTraits = { lastsAtOnce: false, answersWhole: false }

for (const { name, hubOptions = {}, run } of coreScenarios)
  test.describe(() => {
    test.use({ hubOptions })
    test(name, ({ stage }) => run(stage, traits))
  })

test.describe(() => {
  test.use({ kind: 'reticent' })
  test('cold to offline without a storage estimate', async ({ stage }) => {
    await coldWarmOffline.run(stage, traits)
    expect(await stage.page.evaluate(() => 'estimate' in navigator.storage)).toBe(false)
  })
})
