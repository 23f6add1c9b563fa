import { expect } from '@playwright/test'
import type { Stage } from '../stage/Stage.ts'
import type { Site } from '../stage/startSite.ts'
import { test } from '../stage/test.ts'
import { deploy } from './stage/deploy.ts'
import { releases } from './stage/releases.ts'

const { newer, older } = releases

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('rollback to the older release: stored files are served, and downloads continue', async ({
  stage,
}) => {
  const { vad, wide } = stage.files
  deploy(stage.site, newer)
  await stage.connect()
  await stage.fetch(vad)
  const stall = { do: 'stall', after: 100_000, ms: 60_000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
  stage.traffic.clear()
  await stage.prefetch(wide)
  await stage.until(wide, wide.size / 2)
  const before = stage.traffic.of('xorb').filter(({ done }) => done)
  const whole = before.map(({ path, range }) => `${path} ${range}`)
  expect(whole.length).toBeGreaterThan(3)
  stage.hub.hub.faults.clear()

  deploy(stage.site, older)
  expect(await stage.reload()).toBe(true)
  stage.traffic.clear()
  await expectHit(stage)
  expect(stage.traffic.all).toEqual([])
  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  const asked = stage.traffic.of('xorb').map(({ path, range }) => `${path} ${range}`)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter((each) => whole.includes(each))).toEqual([])

  deploy(stage.site, newer)
  const askedBefore = holdServiceWorker(stage.site)
  expect(await stage.reload()).toBe(true)
  // Chromium may lose a worker that starts while the service worker is replaced.
  expect(askedBefore).toContain('/modelferry.js')
  expect(askedBefore).not.toContain('/modelferry-worker.js')
  stage.traffic.clear()
  await expectHit(stage)
  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.all).toEqual([])
})

/** Sends the service worker's file late. @returns the paths that are requested before, filled in when it is sent */
function holdServiceWorker({ answers, asked }: Site): string[] {
  const path = '/modelferry-sw.js'
  const { body, ...answer } = answers.get(path)!
  const before: string[] = []
  asked.length = 0
  const late = {
    ...answer,
    delayMs: 500,
    get body() {
      if (before.length === 0) before.push(...asked)
      return body
    },
  }
  answers.set(path, late)
  return before
}

async function expectHit(stage: Stage): Promise<void> {
  const { vad } = stage.files
  for (const by of ['page', 'ferry'] as const) {
    const held = await stage.fetch(vad, { by })
    expect(held).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(held.headers['x-modelferry']).toBe('hit')
  }
}
