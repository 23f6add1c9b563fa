import { expect } from '@playwright/test'
import { failToConnect } from '../stage/failToConnect.ts'
import { test } from '../stage/test.ts'
import { ownFiles } from './stage/ownFiles.ts'
import { deploy } from './stage/deploy.ts'
import { releases } from './stage/releases.ts'

const { newer, older, other } = releases

const [, ...workers] = ownFiles
const loader = workers.slice(1)

for (const [what, page, files, worker, says] of [
  ['worker files that were not copied again', newer, workers, older, /older.*modelferry init/],
  ['a loader worker that was not copied again', newer, loader, older, /older.*modelferry init/],
  ['a page from a cache, another protocol', older, workers, other, /newer.*Reload the page/],
] as const)
  test(`${what}: connect() names the older one, and the page works on`, async ({ stage }) => {
    const { vad } = stage.files
    deploy(stage.site, page)
    deploy(stage.site, worker, files)
    await stage.page.goto(stage.site.url)
    const options = { hubs: [stage.hub.url], timeoutMs: 1500 }
    const refused = await stage.page.evaluate(failToConnect, options)
    expect(refused).toMatchObject({ code: 'worker', message: expect.stringMatching(says) })
    for (const { version } of [worker, page]) expect(refused.message).toContain(version)
    expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })

    // Follows the message.
    deploy(stage.site, newer)
    expect(await stage.connect()).toBe(true)
    expect((await stage.fetch(vad)).headers).toHaveProperty('x-modelferry')
  })
