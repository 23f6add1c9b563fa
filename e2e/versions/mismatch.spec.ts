import { expect } from '@playwright/test'
import { failToBoard } from '../stage/failToBoard.ts'
import { test } from '../stage/test.ts'
import { ownFiles } from './stage/ownFiles.ts'
import { putOut } from './stage/putOut.ts'
import { releases } from './stage/releases.ts'

const { newer, older, other } = releases

const [, serviceWorker, loader] = ownFiles
const copyAgain = /older.*modelferry init/
const reload = /newer.*Reload the page/

for (const [what, page, file, worker, says] of [
  ['a loader worker file that was not copied again', newer, loader, older, copyAgain],
  [
    'a page from a cache beside a service worker of another protocol',
    older,
    serviceWorker,
    other,
    reload,
  ],
] as const)
  test(`${what}: connect() says which one is older, and the page goes on`, async ({ stage }) => {
    const { vad } = stage.files
    putOut(stage.site, page)
    putOut(stage.site, worker, [file])
    await stage.page.goto(stage.site.url)
    const options = { hubs: [stage.hub.url], timeoutMs: 1500 }
    const refused = await stage.page.evaluate(failToBoard, options)
    expect(refused).toMatchObject({ code: 'worker', message: expect.stringMatching(says) })
    const side = file === loader ? 'loader worker' : 'service worker'
    for (const named of [side, worker.version, page.version])
      expect(refused.message).toContain(named)
    expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })

    // What the message says to do.
    putOut(stage.site, newer)
    expect(await stage.board()).toBe(true)
    stage.traffic.clear()
    expect((await stage.fetch(vad)).headers['x-modelferry']).toBe('hit')
    expect(stage.traffic.all).toEqual([])
  })
