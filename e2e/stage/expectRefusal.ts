import { expect } from '@playwright/test'
import { failToConnect } from './failToConnect.ts'
import type { Stage } from './Stage.ts'
import type { StagePage } from './StagePage.ts'
import type { SiteFault } from './SiteFault.ts'

/** Opens a page that cannot connect. It must get the expected message, and its own requests must work. */
export async function expectRefusal(
  stage: Stage<StagePage>,
  { host, site = {}, pageOptions, code, says }: SiteFault,
): Promise<void> {
  for (const [path, answer] of Object.entries(site)) {
    if (answer === undefined) stage.site.answers.delete(path)
    else stage.site.answers.set(path, answer)
  }
  await stage.page.goto(host === undefined ? stage.site.url : `http://${host}:${stage.site.port}/`)
  const refusal = await stage.page.evaluate(failToConnect, {
    hubs: [stage.hub.url],
    ...pageOptions,
  })
  expect(refusal).toMatchObject({ code, message: expect.stringMatching(says) })
  const { vad } = stage.files
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, size: vad.size })
  expect('x-modelferry' in plain.headers).toBe(false)
}
