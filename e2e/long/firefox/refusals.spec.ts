import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { FirefoxPage } from '../../firefox/stage/FirefoxPage.ts'
import { openFirefox } from '../../firefox/stage/openFirefox.ts'
import { refuseIn } from '../../firefox/stage/refuseIn.ts'
import { test } from '../../firefox/stage/test.ts'

const blocked = { 'network.cookie.cookieBehavior': 2 }

const places: Record<string, readonly [settings: Record<string, unknown>, says: RegExp]> = {
  'blocked site data': [blocked, /Allow site data/],
  'no file storage': [{ 'dom.fs.enabled': false }, /no file storage.*Allow site data/],
  'no service workers': [{ 'dom.serviceWorkers.enabled': false }, /serviceWorker: false/],
}

for (const [what, [settings, says]] of Object.entries(places))
  test(`${what}: connect() says what to do, and the page goes on`, async ({ stage }) => {
    await refuseIn({ settings }, stage, { code: 'unsupported', says })
  })

test('site data that is blocked after a visit: the same, and stored files are kept', async ({
  stage,
}) => {
  const { vad } = stage.files
  const profile = await mkdtemp(join(tmpdir(), 'modelferry-profile-'))
  const visit = async (): Promise<string | undefined> => {
    const firefox = await openFirefox({ profile, settings: { 'network.cookie.cookieBehavior': 5 } })
    try {
      const visited = stage.with(new FirefoxPage(await firefox.newPage()))
      await visited.connect()
      const answer = await visited.fetch(vad)
      expect(answer.sha256).toBe(vad.sha256)
      return answer.headers['x-modelferry']
    } finally {
      await firefox.close()
    }
  }
  try {
    expect(await visit()).toBe('stream')
    const says = /Allow site data/
    await refuseIn({ profile, settings: blocked }, stage, { code: 'unsupported', says })
    expect(await visit()).toBe('hit')
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
})
