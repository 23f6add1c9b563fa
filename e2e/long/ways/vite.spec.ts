import { test } from '../../ways/stage/test.ts'
import { visitBuilt } from '../../ways/stage/visitBuilt.ts'
import { visitDeveloped } from '../../ways/stage/visitDeveloped.ts'
import { viteWays } from '../../ways/stage/viteWays.ts'

for (const way of viteWays) {
  test(`built, ${way.what}: cold, warm, and offline`, async ({ project, stage }) => {
    await visitBuilt(way, project, stage)
  })

  test(`in development, ${way.what}: cold and warm`, async ({ project, stage }) => {
    await visitDeveloped(way, project, stage)
  })
}
