import { expect } from '@playwright/test'
import type { Stage } from '../../stage/Stage.ts'
import type { StagePage } from '../../stage/StagePage.ts'
import type { StageWindow } from '../../stage/StageWindow.ts'
import { serveWith } from './serveWith.ts'
import { strictPolicy } from './strictPolicy.ts'

/**
 * Checks that a page without a policy has its files although its workers may connect to the hub only, which redirects to
 * storage.
 */
export async function expectPlainWay(stage: Stage<StagePage>): Promise<void> {
  const { vad, rec } = stage.files
  const policy = strictPolicy(stage, { connect: `'self' ${stage.hub.url}` })
  for (const worker of ['sw', 'worker']) serveWith(stage, policy, `/modelferry-${worker}.js`)
  expect(await stage.connect()).toBe(true)
  for (const file of [vad, rec, vad])
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  const range = await stage.fetch(rec, { init: { headers: { range: 'bytes=5000-5999' } } })
  expect(range).toMatchObject({ status: 206, size: 1000 })
  const faults = (await stage.events('fault')).filter(({ code }) => code === 'policy')
  const messages = faults.map(({ message }) => message)
  const missing = `modelferry-worker\\.js .* allow (${stage.hub.storageUrl})/?\\. Add "connect-src \\1`
  expect(messages).toContainEqual(expect.stringMatching(new RegExp(missing)))
  const own = messages.filter((message) => message.includes('modelferry-sw.js'))
  expect(own).toHaveLength(2)
  expect(own[0]).toMatch(/allow the redirect of \S+ Add "connect-src <host of its Location>/)
  const { reasons } = await stage.page.evaluate(
    (url) => (window as unknown as StageWindow).ferry.explain(url),
    stage.url(vad),
  )
  expect(reasons.join()).toContain('Content-Security-Policy')

  // Without a loader, and for a new page.
  await stage.page.reload()
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
}
