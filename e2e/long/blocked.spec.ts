import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { expectRefusal } from '../stage/expectRefusal.ts'
import { test } from './stage/test.ts'

test('site data that is blocked after a visit: connect() says what to do, the page works, and stored files are kept', async ({
  stage,
  scratch,
  launch,
}) => {
  const { vad } = stage.files
  const visit = async (): Promise<string | undefined> => {
    const context = await launch('profile')
    const visited = stage.with(await context.newPage())
    await visited.connect()
    const answer = await visited.fetch(vad)
    expect(answer.sha256).toBe(vad.sha256)
    await visited.held()
    await context.close()
    return answer.headers['x-modelferry']
  }
  const block = async (setting: 1 | 2): Promise<void> => {
    const file = join(scratch, 'profile/Default/Preferences')
    const preferences = JSON.parse(await readFile(file, 'utf8')) as {
      profile: { default_content_setting_values?: Record<string, number> }
    }
    preferences.profile.default_content_setting_values = { cookies: setting }
    await writeFile(file, JSON.stringify(preferences))
  }
  expect(await visit()).toBe('stream')
  await block(2)
  const context = await launch('profile')
  const page = await context.newPage()
  await expectRefusal(stage.with(page), { code: 'unsupported', says: /Allow site data/ })
  await context.close()
  await block(1)
  expect(await visit()).toBe('hit')
})
