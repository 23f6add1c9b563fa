import { expect } from '@playwright/test'
import type { RunningHub } from 'modelferry/hub'
import { startHub } from 'modelferry/hub'
import type { Library } from '../stage/Library.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { note } from './stage/note.ts'
import { test } from './stage/test.ts'

const hubOptions = { descriptorBytes: 1_000_000 }
const downMs = 4000
/** Time limit from the hub's return to the last byte. */
const boundMs = 40_000
test.use({ hubOptions })

test('the hub is down for 4 s while five tabs load one file: all of them get the file', async ({
  stage,
  library,
}) => {
  const { wide } = stage.files
  await stage.connect()
  const tabs = [stage]
  while (tabs.length < 5) {
    const tab = await stage.tab()
    await tab.connect()
    tabs.push(tab)
  }
  const stall = { do: 'stall', after: 500_000, ms: 2000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: stall })
  const answers = tabs.map((tab) => tab.fetch(wide))
  await stage.until(wide, wide.size / 4)
  const again = await bounce(stage.hub, library)
  try {
    const back = Date.now()
    const got = await Promise.all(answers)
    note('whole after', `${Date.now() - back} ms`)
    expect(Date.now() - back).toBeLessThan(boundMs)
    for (const each of got) expect(each).toMatchObject({ status: 200, sha256: wide.sha256 })
    expect(got.flatMap(({ failure }) => failure ?? [])).toEqual([])
  } finally {
    await again.close()
  }
})

test('the hub is down for 4 s while files are verified and another one is loaded: both complete', async ({
  stage,
  library,
}) => {
  const { wide, vad } = stage.files
  await stage.connect()
  await stage.fetch(vad)
  const stall = { do: 'stall', after: 500_000, ms: 2000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: stall })
  const answer = stage.fetch(wide)
  await stage.until(wide, wide.size / 4)
  const verified = stage.page.evaluate(
    async (urls) => {
      const { ferry } = window as unknown as StageWindow
      const said: boolean[] = []
      for (let times = 0; times < 5; times += 1)
        for (const url of urls) {
          said.push(await ferry.verify(url))
          await new Promise((resolve) => setTimeout(resolve, 500))
        }
      return said
    },
    [stage.url(vad), stage.url(wide)],
  )
  const again = await bounce(stage.hub, library)
  try {
    const back = Date.now()
    const got = await answer
    expect((await verified).filter((_, at) => at % 2 === 0)).not.toContain(false)
    note('whole after', `${Date.now() - back} ms`)
    expect(Date.now() - back).toBeLessThan(boundMs)
    expect(got).toMatchObject({ status: 200, sha256: wide.sha256 })
    expect(got.failure).toBeUndefined()
  } finally {
    await again.close()
  }
})

/** The hub and its storage refuse connections for a while, and then listen at the same URLs again. */
async function bounce(hub: RunningHub, { folder }: Library): Promise<RunningHub> {
  const [port, storagePort] = [hub.url, hub.storageUrl].map((each) => Number(new URL(each).port))
  await hub.close()
  await new Promise((resolve) => setTimeout(resolve, downMs))
  return await startHub({
    open: true,
    ...hubOptions,
    folder,
    port: port!,
    storagePort: storagePort!,
  })
}
