import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { failToConnect } from '../stage/failToConnect.ts'
import { onlyLong } from '../stage/onlyLong.ts'
import { test } from '../stage/test.ts'
import { expectHeld } from './stage/expectHeld.ts'
import { serveWith } from './stage/serveWith.ts'

for (const embedder of ['require-corp', 'credentialless'])
  test(
    `in a page that is isolated by ${embedder}: cold, warm, ranges, reloaded and offline`,
    onlyLong(embedder === 'require-corp'),
    async ({ stage }) => {
      const { mixed, vad } = stage.files
      const bytes = await fileBytes.mixed()
      serveWith(stage, {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': embedder,
      })
      expect(await stage.connect({ shell: ['/', '/*.js'] })).toBe(true)
      expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
      expect(await stage.fetch(vad, { by: 'ferry' })).toMatchObject({ sha256: vad.sha256 })
      for (const round of ['warm', 'offline']) {
        if (round === 'offline') {
          await Promise.all([stage.hub.close(), stage.site.close()])
          await stage.context.setOffline(true)
          expect(await stage.reload()).toBe(true)
        }
        expect(await stage.page.evaluate(sharesMemory), round).toBe(true)
        await expectHeld(stage, mixed, bytes, round)
      }
      expect(await stage.events('fault')).toEqual([])
    },
  )

test('an isolated page whose loader worker has no embedder policy: connect() names the missing header', async ({
  stage,
}) => {
  const { vad } = stage.files
  serveWith(
    stage,
    {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    },
    '/',
  )
  await stage.page.goto(stage.site.url)
  const message = expect.stringMatching(/modelferry-worker\.js.*Cross-Origin-Embedder-Policy/)
  const refusal = await stage.page.evaluate(failToConnect, { hubs: [stage.hub.url] })
  expect(refusal).toEqual({ code: 'worker', message })
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
})

function sharesMemory(): boolean {
  return crossOriginIsolated && new SharedArrayBuffer(8).byteLength === 8
}
